import { setTimeout as sleep } from 'node:timers/promises';
import { GuestRefused, GuestSilent } from '../support/control-line.ts';
import type { Guest } from '../support/guest.ts';
import type { Event, GuestPlan } from './plan.ts';

/** When a guest takes memory, it says so each time that it has taken this much. */
const PIECE_MIB = 16;
const HOT_READS = 0.8;
const ANSWER_MS = 90_000;

type NotedEvent<T = Event> = T extends Event ? Omit<T, 'ms'> : never;

export interface Run {
  readonly startMs: number;
  readonly endMs: number;
  note(event: NotedEvent): void;
}

/** Waits until so many seconds after the start. */
export async function waitUntil(run: Run, atS: number): Promise<void> {
  const leftMs = run.startMs + atS * 1000 - Date.now();
  if (leftMs > 0) await sleep(leftMs);
}

/** The programs of one guest that has booted: each second they take or give back memory, read and write, and report. */
export async function runPrograms(guest: Guest, plan: GuestPlan, run: Run): Promise<void> {
  const send = (line: string): Promise<string[]> => guest.command(line, ANSWER_MS);
  let heapMib = 0;
  try {
    if (plan.swapMib > 0) await send('swap');
    while (Date.now() < run.endMs) {
      const nowS = Math.floor((Date.now() - run.startMs) / 1000);
      const wanted = plan.heap.findLast(({ atS }) => atS <= nowS)?.mib ?? 0;
      while (heapMib !== wanted && Date.now() < run.endMs) {
        heapMib = wanted < heapMib ? wanted : Math.min(wanted, heapMib + PIECE_MIB);
        await send(`heap ${heapMib} ${plan.hasImage ? 'disk' : 'pattern'}`);
        run.note({ kind: 'heap', guest: plan.name, mib: heapMib });
      }
      await work(send, plan, heapMib, run);
      const values = parsePulse(await send('pulse'));
      run.note({ kind: 'pulse', guest: plan.name, values });
      await waitUntil(run, Math.ceil((Date.now() - run.startMs) / 1000));
    }
  } catch (error) {
    if (!(error instanceof GuestSilent || error instanceof GuestRefused)) throw error;
    run.note({ kind: 'silent', guest: plan.name });
  }
}

/** The reads and writes of one second. */
async function work(
  send: (line: string) => Promise<string[]>,
  plan: GuestPlan,
  heapMib: number,
  run: Run,
): Promise<void> {
  const { files, idle, touchedPerS, writesPerMin, name } = plan;
  const idleMib = Math.floor(idle * heapMib);
  const times = (count: number, pick: () => number): number[] => Array.from({ length: count }, pick);
  const between = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from));
  const inUse = (): number => between(idleMib, heapMib);
  const looks = times(heapMib === idleMib ? 0 : atRandom(touchedPerS * (heapMib - idleMib)), inUse);
  const writes = times(heapMib === 0 ? 0 : atRandom((writesPerMin * heapMib) / 60), () => between(0, heapMib));
  const reads = times(files?.readsMib ?? 0, () => {
    if (files === null) return 0;
    return Math.random() < HOT_READS ? between(0, files.hotMib) : between(files.hotMib, files.sizeMib);
  });
  const mib = looks.length + writes.length + reads.length;
  if (mib === 0) return;
  const beganMs = performance.now();
  if (reads.length > 0) await send(`look disk ${reads.join(' ')}`);
  if (looks.length > 0) await send(`look heap ${looks.join(' ')}`);
  if (writes.length > 0) await send(`scribble ${writes.join(' ')}`);
  run.note({ kind: 'work', guest: name, mib, tookMs: Math.round(performance.now() - beganMs) });
}

/** A whole number with this mean. */
function atRandom(mean: number): number {
  return Math.floor(mean) + (Math.random() < mean % 1 ? 1 : 0);
}

/** Lines of /proc/pressure/memory, /proc/vmstat and /proc/meminfo. */
export function parsePulse(lines: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const line of lines) {
    const stalled = /^(some|full) .*total=(\d+)$/.exec(line);
    const figure = /^(\w+):? +(\d+)(?: kB)?$/.exec(line);
    if (stalled !== null) values[`${stalled[1]}Us`] = Number(stalled[2]);
    else if (figure !== null) values[figure[1]!] = Number(figure[2]);
  }
  return values;
}
