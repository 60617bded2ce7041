import { escapeControls } from '../model/text.ts';

/** One problem in a file, with a hint at the correct form. */
export interface FileProblem {
  /** The path as given. */
  readonly file: string;
  /** From 1; null when the problem concerns the whole file. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** `ballast.yaml:7:13: collect_interval: "10x" is not a duration; …`, always a single line. */
export function renderProblem({ file, line, column, message }: FileProblem): string {
  const place = line === null ? file : column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
  return escapeControls(`${place}: ${message}`);
}

/** More problems than this have a common cause, such as the wrong file. */
const MAX_PROBLEMS = 50;

/** In file order, problems without a line first; beyond the limit, only their number. */
export function listProblems(problems: readonly FileProblem[]): FileProblem[] {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const next = sorted[MAX_PROBLEMS];
  if (next === undefined) return sorted;
  return [
    ...sorted.slice(0, MAX_PROBLEMS),
    { ...next, message: `${sorted.length - MAX_PROBLEMS} more problems from here on` },
  ];
}
