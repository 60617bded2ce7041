import { readFile } from 'node:fs/promises';

/** A process id with its start time (clock ticks since boot): unlike the id alone it never comes back for another process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

/** Null when there is no such process. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The second field is the name in parentheses and may contain anything; starttime is field 22 (man 5 proc).
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return startTicks === undefined ? null : { pid, startTicks };
}

/** Whether exactly this process still exists. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return (await identify(process.pid))?.startTicks === process.startTicks;
}
