import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Guest, virsh } from '../support/index.ts';
import { FaultBed, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { faultSeed, randomFrom } from './support/random.ts';
import { addRow, counted } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

/** How long guests come and go, minutes. A short run shows leaks of descriptors and large ones of memory; two hours show all. */
const MINUTES = Number(process.env['BALLAST_SOAK_MINUTES'] ?? 10);

const SAMPLE_MS = 2000;
/** Guests that come and go, at once. */
const VISITORS = 2;
/** Growth of the daemon that is none: its heap breathes, KiB. */
const FLAT_KIB = 12_288;

interface Usage {
  readonly atMin: number;
  readonly rssKib: number;
  readonly descriptors: number;
}

let bed: FaultBed;
let run: FaultRun;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
  run = await bed.start('soak');
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

async function usage(pid: number, atMin: number): Promise<Usage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rssKib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return { atMin, rssKib, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

/** Guests come, go, are paused and reset until the signal is aborted. Resolves to the number of events. */
async function comeAndGo(random: () => number, signal: AbortSignal): Promise<number> {
  const visitors: Guest[] = [];
  let events = 0;
  const doSomething = async (): Promise<void> => {
    const what = random();
    const resident = bed.guests[Math.floor(random() * bed.guests.length)]!;
    if (what < 0.4 && visitors.length < VISITORS)
      visitors.push(await Guest.start({ name: `visitor-${events}`, memoryMib: 512, statsPeriodS: 1 }));
    else if (what < 0.7 && visitors.length > 0) await visitors.shift()!.destroy();
    else if (what < 0.85) {
      await virsh('suspend', resident.domain);
      await sleep(1000 + 3000 * random());
      await virsh('resume', resident.domain);
    } else await resident.fill(8 * Math.floor(random() * 12), 'random').catch(() => {});
  };
  while (!signal.aborted) {
    await doSomething();
    events += 1;
    // What nothing announces is the fault here.
    await sleep(500 + 6000 * random());
  }
  for (const visitor of visitors) await visitor.destroy();
  return events;
}

/** The slope of a line through the values, per minute. */
function slope(values: readonly { readonly atMin: number; readonly value: number }[]): number {
  const mean = (of: (each: { atMin: number; value: number }) => number): number =>
    values.reduce((sum, each) => sum + of(each), 0) / values.length;
  const [meanMin, meanValue] = [mean(({ atMin }) => atMin), mean(({ value }) => value)];
  const covariance = mean(({ atMin, value }) => (atMin - meanMin) * (value - meanValue));
  return covariance / mean(({ atMin }) => (atMin - meanMin) ** 2);
}

test(`guests come and go for ${MINUTES} minutes`, { timeout: (MINUTES + 5) * 60_000 }, async () => {
  const random = randomFrom(faultSeed());
  const watch = await Watch.begin(run, bed.guests);
  const end = new AbortController();
  const going = comeAndGo(random, end.signal);
  // A failure is reported where it is awaited.
  going.catch(() => {});
  const samples: Usage[] = [];
  const beganMs = performance.now();
  for (let atMin = 0; atMin < MINUTES; atMin = (performance.now() - beganMs) / 60_000) {
    samples.push(await usage(run.ballast.pid, atMin));
    await sleep(SAMPLE_MS);
  }
  end.abort();
  const events = await going;
  const harm = await watch.end();
  // In the first quarter, what is kept fills up: histories, and code that is compiled.
  const later = samples.slice(Math.floor(samples.length / 4));
  const perMin = slope(later.map(({ atMin, rssKib }) => ({ atMin, value: rssKib })));
  const grownKib = perMin * (MINUTES * 0.75);
  const most = (of: readonly Usage[]): number => Math.max(...of.map(({ descriptors }) => descriptors));
  const [atFirst, atLast] = [most(later.slice(0, later.length / 2)), most(later.slice(later.length / 2))];
  const mib = (kib: number): string => (kib / 1024).toFixed(1);
  const largest = Math.max(...later.map(({ rssKib }) => rssKib));
  console.log(`memory of the daemon, MiB: ${later.filter((_, at) => at % 15 === 0).map(({ rssKib }) => mib(rssKib)).join(' ')}`); // prettier-ignore
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  expect(grownKib).toBeLessThan(FLAT_KIB);
  expect(atLast).toBeLessThanOrEqual(atFirst + 1);
  await addRow({
    fault: `Guests come, go and are paused for ${MINUTES} minutes`,
    did: `${counted(events, 'event')}, ${counted(harm.intervals, 'interval')}; logged ${complaints(watch.lines())}; memory of the daemon at most ${mib(largest)} MiB, ${perMin >= 0 ? 'growing' : 'shrinking'} by ${Math.abs(Math.round(perMin))} KiB a minute; at most ${atFirst} open descriptors in its first and ${atLast} in its second half`,
    lost: harm.lost,
  });
});
