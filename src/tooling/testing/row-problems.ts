import type { FileProblem } from '../../yaml/problem.ts';

interface Told {
  readonly problem: FileProblem;
  /** From 1. */
  readonly rows: number[];
}

/** More rows than this are counted, not named. */
const NAMED = 3;

/** What is wrong in the rows of a table, each problem once. @param rows for each row what is wrong in it */
export function overRows(rows: readonly (readonly FileProblem[])[]): FileProblem[] {
  const told = new Map<string, Told>();
  for (const [at, problems] of rows.entries()) {
    for (const problem of problems) {
      const key = `${problem.line}:${problem.column}:${problem.message}`;
      const known = told.get(key);
      if (known === undefined) told.set(key, { problem, rows: [at + 1] });
      else if (known.rows.at(-1) !== at + 1) known.rows.push(at + 1);
    }
  }
  return [...told.values()].map(({ problem, rows: wrong }) => {
    // Wrong in every row of several, it is not the rows' fault.
    if (wrong.length === rows.length && rows.length > 1) return problem;
    return { ...problem, message: `${problem.message} (${rowsText(wrong)} of "for")` };
  });
}

function rowsText(rows: readonly number[]): string {
  if (rows.length === 1) return `row ${rows[0]}`;
  if (rows.length > NAMED) return `rows ${rows.slice(0, NAMED).join(', ')} and ${rows.length - NAMED} more`;
  return `rows ${rows.slice(0, -1).join(', ')} and ${rows.at(-1)}`;
}
