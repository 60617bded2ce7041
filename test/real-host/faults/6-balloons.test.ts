import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor, type Guest } from '../support/index.ts';
import {
  FaultBed,
  FLOOR_KIB,
  FULL_KIB,
  moveOf,
  nextEvaluations,
  nextMoves,
  type FaultRun,
} from './support/fault-bed.ts';
import { addRow, counted, spanText } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

let bed: FaultBed;
let run: FaultRun;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

/** The host of the lying guest. */
const HOST_KIB = 1280 * 1024;
const FREE_KIB = 350 * 1024;

const mib = (kib: number): number => Math.round(kib / 1024);

async function sizesKib(guests: readonly Guest[]): Promise<readonly number[]> {
  return Promise.all(guests.map(async (guest) => (await guest.memoryStats()).get('actual') ?? Number.NaN));
}

test('the driver of a balloon is unloaded', async () => {
  run = await bed.start('driver');
  for (const guest of bed.guests) await nextMoves(run, guest);
  const [odd, ...others] = bed.guests as [Guest, ...Guest[]];
  const watch = await Watch.begin(run, bed.guests);
  await odd.command('balloon off');
  await nextEvaluations(run, 15);
  const moves = others.reduce((sum, guest) => sum + watch.count(moveOf(guest)), 0);
  const asked = watch.count(moveOf(odd));
  await odd.command('balloon on');
  const sinceMs = performance.now();
  await nextMoves(run, odd, 1);
  const ms = performance.now() - sinceMs;
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  expect(moves).toBeGreaterThan(5);
  await addRow({
    fault: 'The balloon driver of one guest unbound for 15 evaluations, and bound again',
    did: `Logged ${complaints(watch.lines())}; ${counted(moves, 'balloon move')} of the ${counted(others.length, 'other guest')} meanwhile, ${counted(asked, 'target')} for this one; moved it ${spanText([ms])} after the driver was back`,
    lost: harm.lost,
  });
  await run.ballast.stop('SIGTERM');
});

test('a guest lies', { timeout: 300_000 }, async () => {
  const [liar, ...honest] = bed.guests as [Guest, ...Guest[]];
  await waitFor('the balloons', 60_000, async () => (await sizesKib(bed.guests)).every((kib) => kib === FULL_KIB));
  for (const guest of honest) {
    // What a guest has never touched would give the host nothing.
    await guest.fill(360, 'zero');
    await guest.free();
    await guest.fill(96, 'random');
  }
  await liar.setMemory(FLOOR_KIB);
  await waitFor('the balloon', 60_000, async () => (await sizesKib([liar]))[0] === FLOOR_KIB);
  const sumKib = async (): Promise<number> => (await sizesKib(bed.guests)).reduce((sum, kib) => sum + kib, 0);
  const beforeKib = await sumKib();
  /** A host with less than the guests' maxima, above what calls for an emergency, and below the reserve: all that one gets, others give. */
  const showHost = async (): Promise<void> => {
    const free = FREE_KIB + beforeKib - (await sumKib());
    await bed.host.setMeminfo({ MemTotal: HOST_KIB, MemFree: free, MemAvailable: free });
  };
  await bed.host.setFree(0.1);
  await showHost();
  run = await bed.start('liar', ['policy: [steer-ksm.policy]', 'rhythm: {boot_grace: 0s}']);
  await nextEvaluations(run, 5);
  const watch = await Watch.begin(run, honest);
  const before = await sizesKib(honest);
  let [mostKib, reportedMib] = [0, Infinity];
  for (let evaluation = 0; evaluation < 40; evaluation++) {
    // In step with its reports, it keeps so much free that all of the rest is not available.
    const freeKib = (await liar.meminfo()).get('MemFree') ?? 0;
    await liar.command(`claim ${Math.floor(0.65 * freeKib)}`);
    await nextEvaluations(run, 1);
    await showHost();
    mostKib = Math.max(mostKib, ...(await sizesKib([liar])));
    reportedMib = Math.min(reportedMib, mib((await liar.memoryStats()).get('usable') ?? Number.NaN));
  }
  const after = await sizesKib(honest);
  const gaveMib = after.map((kib, at) => mib(before[at]! - kib));
  const free = await Promise.all(honest.map(async (guest) => (await guest.meminfo()).get('MemAvailable') ?? 0));
  const fairKib = Math.floor((FULL_KIB * HOST_KIB) / (FULL_KIB * bed.guests.length));
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  for (const kib of free) expect(kib).toBeGreaterThan(64 * 1024);
  expect(mostKib).toBeLessThanOrEqual(fairKib + 1024);
  await addRow({
    fault:
      'A guest that uses next to nothing reports for 40 evaluations that nothing is available, and the host has nothing to spare',
    did: `Logged ${complaints(watch.lines())}; the guest, which reported as little as ${reportedMib} MiB, grew from ${mib(FLOOR_KIB)} to at most ${mib(mostKib)} MiB (fair share: ${mib(fairKib)}); the ${counted(honest.length, 'honest guest')} gave ${gaveMib.join(' and ')} MiB and can still use ${free.map(mib).join(' and ')} MiB`,
    lost: harm.lost,
  });
});
