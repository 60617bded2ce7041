import { appendFile } from 'node:fs/promises';

/** One row of docs/faults.md. Its texts are composed of what a scenario has measured. */
export interface FaultRow {
  readonly fault: string;
  /** What the daemon did. */
  readonly did: string;
  /** What was lost; `nothing` if nothing was. */
  readonly lost: string;
}

/** Adds a row to the table that scripts/test-faults.ts writes. */
export async function addRow(row: FaultRow): Promise<void> {
  const path = process.env['BALLAST_FAULT_ROWS'];
  if (path === undefined) throw new Error('The fault scenarios run by npm run test:faults only.');
  await appendFile(path, `${JSON.stringify(row)}\n`);
}

/** `1 guest`, `2 guests`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `0.9 to 1.4 s`; `none` without times. */
export function spanText(ms: readonly number[]): string {
  if (ms.length === 0) return 'none';
  const text = (value: number): string => (value / 1000).toFixed(1);
  const [least, most] = [text(Math.min(...ms)), text(Math.max(...ms))];
  return least === most ? `${least} s` : `${least} to ${most} s`;
}
