import { afterAll, beforeAll, expect, test } from 'vitest';
import { libvirtd, waitFor } from '../support/index.ts';
import { FaultBed, nextEvaluations, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { addRow, counted, spanText } from './support/table.ts';
import { complaints, Watch, type Harm } from './support/watch.ts';

const RESTARTS = 10;

let bed: FaultBed;
let run: FaultRun;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
  run = await bed.start('libvirtd');
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

function expectUnharmed(harm: Harm): void {
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
}

/** Does what breaks the connection, starts libvirtd again, and returns how long the daemon took to connect, milliseconds. */
async function reconnected(watch: Watch, breakIt: () => Promise<void>): Promise<number> {
  const before = watch.count(/INFO - Connected to/);
  await breakIt();
  await libvirtd.start();
  const sinceMs = performance.now();
  await waitFor('the connection', 60_000, () => watch.count(/INFO - Connected to/) > before);
  return performance.now() - sinceMs;
}

test('libvirtd killed', async () => {
  const watch = await Watch.begin(run, bed.guests);
  const ms = await reconnected(watch, async () => {
    await libvirtd.stop('SIGKILL');
    await nextEvaluations(run, 3);
  });
  const writes = watch.count(/KSM pages_to_scan from/);
  expect(writes).toBeGreaterThanOrEqual(2);
  for (const guest of bed.guests) await nextMoves(run, guest);
  const harm = await watch.end();
  expectUnharmed(harm);
  await addRow({
    fault: 'libvirtd killed, and started again 3 evaluations later',
    did: `Logged ${complaints(watch.lines())}; ${counted(harm.withoutGuests, 'interval')} without guests, in which KSM was written on (${counted(writes, 'write')}); connected ${spanText([ms])} after libvirtd answered, and moved all balloons again`,
    lost: harm.lost,
  });
});

test('libvirtd restarted ten times', { timeout: 600_000 }, async () => {
  const watch = await Watch.begin(run, bed.guests);
  const times: number[] = [];
  for (let time = 0; time < RESTARTS; time++) times.push(await reconnected(watch, () => libvirtd.stop()));
  for (const guest of bed.guests) await nextMoves(run, guest);
  const harm = await watch.end();
  expectUnharmed(harm);
  await addRow({
    fault: `libvirtd restarted ${RESTARTS} times`,
    did: `Connected each time, ${spanText(times)} after libvirtd answered, and moved all balloons again`,
    lost: harm.lost,
  });
});

test('the socket of libvirtd stalls without closing', async () => {
  const watch = await Watch.begin(run, bed.guests);
  const pid = await libvirtd.pid();
  expect(pid).not.toBeNull();
  process.kill(pid!, 'SIGSTOP');
  try {
    await nextEvaluations(run, 8);
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
  const sinceMs = performance.now();
  const writes = watch.count(/KSM pages_to_scan from/);
  await Promise.all(bed.guests.map((guest) => nextMoves(run, guest, 1)));
  const ms = performance.now() - sinceMs;
  const harm = await watch.end();
  expectUnharmed(harm);
  await addRow({
    fault: 'libvirtd stopped (SIGSTOP) for 8 evaluations: its socket stalls without closing',
    did: `Logged ${complaints(watch.lines())}; ${counted(writes, 'write')} to KSM meanwhile; all balloons moved again ${spanText([ms])} after libvirtd went on`,
    lost: harm.lost,
  });
});
