import { XMLBuilder } from 'fast-xml-parser';

/** One case in a report. */
export interface ReportedCase {
  readonly suite: string;
  readonly name: string;
  readonly line: number;
  /** Why it failed; null if it passed. */
  readonly problem: string | null;
}

/** The results as JUnit XML, which CI servers display. Without times, so that the output is the same in every run. */
export function junit(cases: readonly ReportedCase[]): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((file) => {
    const own = cases.filter(({ suite }) => suite === file);
    return {
      '@_name': clean(file),
      '@_tests': own.length,
      '@_failures': own.filter(({ problem }) => problem !== null).length,
      testcase: own.map(({ name, line, problem }) => ({
        '@_classname': clean(file),
        '@_name': clean(name),
        '@_file': clean(file),
        '@_line': line,
        ...(problem !== null && {
          failure: { '@_message': clean(problem.split('\n', 1)[0] as string), '#text': clean(problem) },
        }),
      })),
    };
  });
  const failures = cases.filter(({ problem }) => problem !== null).length;
  // oxlint-disable-next-line typescript/no-deprecated -- the package that replaces it would be one more dependency for this call
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ testsuites: { '@_name': 'ballast', '@_tests': cases.length, '@_failures': failures, testsuite: suites } })}`;
}

/** XML cannot represent control characters, escaped or not. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
}
