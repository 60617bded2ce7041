import { escapeControls } from '../model/text.ts';

/** One thing that is wrong with a file, in words that say what would be right. */
export interface FileProblem {
  /** The path as it was given. */
  readonly file: string;
  /** From 1; null when the file as a whole is to blame. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** `ballast.yaml:7:13: collect_interval: "10x" is not a duration; …`, always a single line. */
export function renderProblem({ file, line, column, message }: FileProblem): string {
  const place = line === null ? file : column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
  return escapeControls(`${place}: ${message}`);
}

/** More than this nobody reads: it is the wrong file, or one cause behind all of them. */
const MAX_PROBLEMS = 50;

/** In the order of the file, what has no line first; past fifty only their number. */
export function listProblems(problems: readonly FileProblem[]): FileProblem[] {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const next = sorted[MAX_PROBLEMS];
  if (next === undefined) return sorted;
  return [
    ...sorted.slice(0, MAX_PROBLEMS),
    { ...next, message: `${sorted.length - MAX_PROBLEMS} more problems from here on` },
  ];
}
