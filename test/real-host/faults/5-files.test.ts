import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../bed/command.ts';
import { fillDisk } from '../support/full-disk.ts';
import { FaultBed, nextEvaluations, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { recordedMoments } from './support/recording.ts';
import { addRow } from './support/table.ts';
import { complaints, Watch } from './support/watch.ts';

let bed: FaultBed;
let run: FaultRun;
let disk: string;

beforeAll(async () => {
  bed = await FaultBed.create(['one', 'two', 'three']);
  disk = join(bed.folder, 'disk');
  await mkdir(disk);
  await command('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', disk]);
  const recording = join(disk, 'run.jsonl');
  run = { ...(await bed.start('files', [`record: {path: ${recording}}`])), recording };
  for (const guest of bed.guests) await nextMoves(run, guest);
});

afterAll(async () => {
  await run?.ballast.stop('SIGTERM');
  await command('umount', [disk]);
  await bed?.close();
});

test('/proc and /sys of the host are unreadable for a while', async () => {
  const watch = await Watch.begin(run, bed.guests);
  const hidden = ['proc', 'sys'].map((name) => join(bed.host.path, name));
  const before = (await recordedMoments(run.recording)).length;
  for (const directory of hidden) await command('mount', ['-t', 'tmpfs', 'none', directory]);
  try {
    await run.ballast.waitForLine(/ - (?:WARNING|ERROR) - /, 60_000, run.ballast.lineCount());
  } finally {
    for (const directory of hidden) await command('umount', [directory]);
  }
  await nextEvaluations(run, 2);
  for (const guest of bed.guests) await nextMoves(run, guest, 1);
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  expect((await recordedMoments(run.recording)).length).toBeGreaterThan(before);
  await addRow({
    fault: '/proc and /sys of the host empty until the daemon complains',
    did: `Logged ${complaints(watch.lines())}; moved all balloons again afterwards`,
    lost: harm.lost,
  });
});

test('the disk of the recording is full', async () => {
  const watch = await Watch.begin(run, bed.guests);
  const at = run.ballast.lineCount();
  const makeSpace = await fillDisk(disk);
  await run.ballast.waitForLine(/ERROR - Cannot record intervals/, 60_000, at);
  for (const guest of bed.guests) await nextMoves(run, guest, 1);
  await makeSpace();
  await run.ballast.waitForLine(/Recording resumed to \S+; nothing lost/, 60_000, at);
  const harm = await watch.end();
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
  await addRow({
    fault: 'The disk of the recording is full until all balloons have moved again',
    did: `Logged ${complaints(watch.lines())}; went on, and wrote all intervals when there was space`,
    lost: harm.lost,
  });
});
