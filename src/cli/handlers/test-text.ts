import { escapeControls, escapeJson } from '../../model/text.ts';
import { annotate, renderDiagnostics, type CoverageReport, type PolicySource } from '../../policy/index.ts';
import type { Failure } from '../../tooling/testing/run.ts';
import type { TestCase } from '../../tooling/testing/suite.ts';
import { table } from '../support/table.ts';
import type { LoadedPolicy } from './test-load.ts';

/** The result of a case. */
export interface TestResult {
  /** The test file. */
  readonly file: string;
  readonly test: TestCase;
  /** Empty if the case passed. */
  readonly failures: readonly Failure[];
  /** Sources of the tested policy. */
  readonly sources: readonly PolicySource[];
}

/** The results of one file. */
export function resultText(file: string, results: readonly TestResult[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0);
  const lines = [
    `${file}: ${failed.length === 0 ? '' : `${failed.length} failed, `}${results.length - failed.length} passed`,
    ...failed.map(
      (result) => `\nFAIL ${file}:${result.test.line} ${escapeControls(result.test.name)}\n${problemText(result)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The failures of a case. */
export function problemText({ failures, file, sources }: TestResult): string {
  return failures
    .flatMap(({ interval, line, differences, errors }) => {
      const indent = interval === null ? '  ' : '    ';
      const head = interval === null ? [] : [`  interval ${interval} (${file}:${line})`];
      const rendered = renderDiagnostics(errors, sources)
        .trimEnd()
        .split('\n')
        .filter((text) => text !== '');
      const note = errors.some(({ code }) => code === 'unknown-field') ? [UNSET_FIELDS_NOTE] : [];
      return [...head, ...[...differences.map(escapeControls), ...rendered, ...note].map((text) => `${indent}${text}`)];
    })
    .join('\n');
}

const UNSET_FIELDS_NOTE = 'fields that the case does not set do not exist; set a value, or null for nil';

/** The results as JSON. */
export function jsonText(results: readonly TestResult[], policies: readonly LoadedPolicy[]): string {
  const cases = results.map(({ file, test: { name, line }, failures }) => ({
    file,
    line,
    name,
    ok: failures.length === 0,
    failures,
  }));
  const passed = cases.filter(({ ok }) => ok).length;
  return `${escapeJson(JSON.stringify({ passed, failed: cases.length - passed, cases, coverage: reportsOf(policies).flatMap(({ files }) => files) }, null, 2))}\n`;
}

/** The coverage table. @param annotated whether to include the annotated text of files that are not fully covered */
export function coverageText(policies: readonly LoadedPolicy[], annotated: boolean): string {
  const reports = reportsOf(policies);
  const texts = !annotated
    ? []
    : reports.flatMap((report, at) =>
        (policies[at] as LoadedPolicy).sources
          .filter(({ file }) => report.files.some((each) => each.file === file && each.missed.length > 0))
          .map((source) => `\n${annotate(report, source)}`),
      );
  const rows = reports
    .flatMap(({ files }) => files)
    .map(({ file, expressions, branches }) => [
      file,
      percent(expressions.ran, expressions.total),
      percent(branches.taken, branches.total),
      `${branches.taken} of ${branches.total}`,
    ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  return `${texts.join('')}\n${table([{ title: 'policy', align: 'left' }, right('expressions'), right('branches'), right('')], rows)}`;
}

/** One line for each policy file with less than the minimum branch coverage. */
export function coverageShortfalls(policies: readonly LoadedPolicy[], minimum: number): readonly string[] {
  return reportsOf(policies)
    .flatMap(({ files }) => files)
    .filter(({ branches: { taken, total } }) => taken * 100 < total * minimum)
    .map(
      ({ file, branches: { taken, total } }) =>
        `${file}: ${percent(taken, total)} branch coverage; at least ${minimum}% required (see --coverage)`,
    );
}

function reportsOf(policies: readonly LoadedPolicy[]): readonly CoverageReport[] {
  return policies.map(({ coverage }) => coverage.report());
}

function percent(count: number, total: number): string {
  // Rounded down, so that only full coverage is 100%.
  return `${total === 0 ? 100 : Math.floor((count / total) * 1000) / 10}%`;
}
