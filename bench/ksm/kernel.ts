import { readdir, readFile } from 'node:fs/promises';

const TICKS_PER_S = 100;

/** The pid of ksmd: a kernel thread, which has kthreadd as its parent. */
export async function ksmdPid(): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (/^\d+ \(ksmd\) \S 2 /.test(stat)) return Number(name);
  }
  throw new Error('there is no ksmd in /proc: this is a container, or a kernel without KSM');
}

/** CPU time of a process since it started, seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** A size in a file of /proc/PID such as smaps_rollup, KiB; 0: it is not there. */
export async function sizeKib(path: string, name: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}
