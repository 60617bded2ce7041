import { listed } from '../../policy/messages/wording.ts';
import type { FileProblem } from '../../yaml/problem.ts';

interface Found {
  readonly problem: FileProblem;
  /** From 1. */
  readonly rows: number[];
}

/** If more rows have the problem, only their number is shown. */
const NAMED = 3;

/** The problems in the rows of a table, each once. @param rows the problems of each row */
export function overRows(rows: readonly (readonly FileProblem[])[]): FileProblem[] {
  const found = new Map<string, Found>();
  for (const [at, problems] of rows.entries()) {
    for (const problem of problems) {
      const key = `${problem.line}:${problem.column}:${problem.message}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { problem, rows: [at + 1] });
      else if (known.rows.at(-1) !== at + 1) known.rows.push(at + 1);
    }
  }
  return [...found.values()].map(({ problem, rows: wrong }) => {
    // A problem in every one of several rows is not caused by the row's values.
    if (wrong.length === rows.length && rows.length > 1) return problem;
    return { ...problem, message: `${problem.message} (${rowsText(wrong)} of "for")` };
  });
}

function rowsText(rows: readonly number[]): string {
  if (rows.length === 1) return `row ${rows[0]}`;
  if (rows.length > NAMED) return `rows ${rows.slice(0, NAMED).join(', ')} and ${rows.length - NAMED} more`;
  return `rows ${listed(rows.map(String))}`;
}
