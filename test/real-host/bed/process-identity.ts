import { readFile } from 'node:fs/promises';

/** A process id with its start time (clock ticks since boot): unlike the id alone, it is never reused. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

/** null if the process does not exist, or is a zombie without remaining threads. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The second field is the name in parentheses and may contain anything; state is field 3, num_threads field 20, starttime field 22 (man 5 proc).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields[19];
  // A killed process is a zombie once its main thread has exited; while other threads remain, its sockets still accept connections.
  const isReapable = fields[0] === 'Z' && fields[17] === '1';
  return startTicks === undefined || isReapable ? null : { pid, startTicks };
}

/** Whether exactly this process still exists. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return (await identify(process.pid))?.startTicks === process.startTicks;
}

/** The first child of a process; null if it has none. */
export async function firstChild(pid: number): Promise<ProcessIdentity | null> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const child = /^\d+/.exec(children)?.[0];
  return child === undefined ? null : identify(Number(child));
}
