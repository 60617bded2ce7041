import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Guest } from '../support/index.ts';
import { FaultBed, moveOf, nextEvaluations, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { addRow, counted, spanText } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

let bed: FaultBed;
let run: FaultRun;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
  run = await bed.start('qemu');
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

test.each([
  ['One QEMU', (guests: readonly Guest[]) => guests.slice(0, 1)],
  ['All QEMUs', (guests: readonly Guest[]) => guests],
] as const)('%s stopped', async (what, choose) => {
  const stopped = choose(bed.guests);
  const others = bed.guests.filter((guest) => !stopped.includes(guest));
  const watch = await Watch.begin(run, bed.guests);
  let moves = 0;
  await Promise.all(stopped.map((guest) => guest.sigstop()));
  try {
    await nextEvaluations(run, 10);
    moves = others.reduce((sum, guest) => sum + watch.count(moveOf(guest)), 0);
  } finally {
    await Promise.all(stopped.map((guest) => guest.sigcont()));
  }
  const sinceMs = performance.now();
  await Promise.all(stopped.map((guest) => nextMoves(run, guest, 1)));
  const ms = performance.now() - sinceMs;
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  if (others.length > 0) expect(moves).toBeGreaterThan(2);
  await addRow({
    fault: `${what} stopped (SIGSTOP) for 10 evaluations`,
    did: `Logged ${complaints(watch.lines())}; ${counted(moves, 'balloon move')} of the ${counted(others.length, 'other guest')} meanwhile; moved what was stopped ${spanText([ms])} after it went on`,
    lost: harm.lost,
  });
});
