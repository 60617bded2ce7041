import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bedPaths } from '../support/index.ts';
import { FaultBed, nextEvaluations, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { addRow, spanText } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

/** Of Debian's libfaketime, for programs with threads. */
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

let bed: FaultBed;
let run: FaultRun;
let control: string;

/** The clock of the host differs from the real one by this much, for the daemon and for QEMU. Time that does not step is real. */
async function setClock(difference: string): Promise<void> {
  await writeFile(control, difference, { mode: 0o644 });
}

beforeAll(async () => {
  control = join(bedPaths().guests, 'clock');
  await setClock('+0s');
  const environment = {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: control,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  const variables = Object.entries(environment).map(([name, value]) => `<qemu:env name='${name}' value='${value}'/>`);
  const extra = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>${variables.join('')}</qemu:commandline>`;
  bed = await FaultBed.create(['one', 'two', 'three'], { extra });
  run = await bed.start('clock', [], environment);
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await bed?.close();
});

test.each([
  ['forward by an hour', '+3600s'],
  ['back by an hour', '+0s'],
  ['back by another hour', '-3600s'],
])('the clock is stepped %s', async (what, difference) => {
  const watch = await Watch.begin(run, bed.guests);
  // An interval with the time before is part of what is looked at.
  await nextEvaluations(run, 2);
  await setClock(difference);
  const sinceMs = performance.now();
  await nextEvaluations(run, 5);
  await Promise.all(bed.guests.map((guest) => nextMoves(run, guest, 1)));
  const ms = performance.now() - sinceMs;
  const moments = await watch.moments();
  const stepsMs = moments.slice(1).map(({ timeMs }, at) => timeMs - moments[at]!.timeMs);
  expect(stepsMs.filter((step) => Math.abs(step) > 3_000_000)).toHaveLength(1);
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  await addRow({
    fault: `The clock of the host stepped ${what} (libfaketime in the daemon and in QEMU)`,
    did: `Logged ${complaints(watch.lines())}; each balloon was moved within ${spanText([ms])} after the step`,
    lost: harm.lost,
  });
});
