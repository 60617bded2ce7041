import { visible } from '../messages/diagnostics.ts';
import { LINE_END, SourceText, type PolicySource } from '../text/source.ts';
import type { CoverageReport, Missed } from './coverage.ts';

const RAN = '  ';
const NEVER = '!!';

/**
 * Renders a source with its coverage gaps. Each line has a margin: `!!` an expression on it never ran, `!t` a condition was never
 * true, `!f` one was never false, `!b` another branch was never taken, blank without gaps. The missing outcomes follow at the end of the line.
 * @throws Error if the report does not contain the file
 */
export function annotate(report: CoverageReport, policy: PolicySource): string {
  const coverage = report.files.find(({ file }) => file === policy.file);
  if (!coverage) throw new Error(`no coverage for the file ${policy.file}`);
  const source = new SourceText(policy);
  const marks = new Map<number, string[]>();
  const notes = new Map<number, string[]>();
  for (const missed of coverage.missed) {
    for (const line of linesOf(missed, source)) add(marks, line, markOf(missed));
    add(notes, missed.position.line, missed.what);
  }
  const lines = policy.text.split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  const width = String(lines.length).length;
  return lines
    .map((text, index) => {
      const line = index + 1;
      const note = notes.get(line);
      const missing = note === undefined ? '' : `  <- ${note.join('; ')}`;
      return `${margin(marks.get(line) ?? [])} ${String(line).padStart(width)} | ${visible(text)}${missing}`.trimEnd();
    })
    .join('\n')
    .concat('\n');
}

/** A branch is marked on the line of its condition, an expression on all of its lines that have text. */
function linesOf({ kind, position, span }: Missed, source: SourceText): readonly number[] {
  if (kind === 'branch') return [position.line];
  const last = source.positionAt(Math.max(span.start, span.end - 1)).line;
  const lines = Array.from({ length: last - position.line + 1 }, (_, at) => position.line + at);
  return lines.filter((line) => !/^\s*(?:#|$)/.test(source.line(line)));
}

function markOf({ kind, wants }: Missed): string {
  if (kind === 'expression') return NEVER;
  return wants === 'true' ? '!t' : wants === 'false' ? '!f' : '!b';
}

/** The most severe gap of a line. */
function margin(marks: readonly string[]): string {
  return [NEVER, '!t', '!f', '!b'].find((mark) => marks.includes(mark)) ?? RAN;
}

function add<T>(map: Map<number, T[]>, line: number, item: T): void {
  const list = map.get(line);
  if (list) list.push(item);
  else map.set(line, [item]);
}
