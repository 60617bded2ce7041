import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FaultBed, nextEvaluations, nextMoves, type FaultRun } from './support/fault-bed.ts';
import { faultyPolicies, type FaultyPolicies } from './support/policy-errors.ts';
import { addRow, counted } from './support/table.ts';
import { Watch, type Harm } from './support/watch.ts';

/** Each seventh policy that cannot be loaded is tried: more would meet the limit of the log. They come in threes, so that all kinds have their turn. */
const EACH = 7;

let bed: FaultBed;
let run: FaultRun;
let policies: FaultyPolicies;

beforeAll(async () => {
  policies = await faultyPolicies();
  bed = await FaultBed.create(['one', 'two', 'three']);
});

afterEach(() => run?.ballast.stop('SIGTERM'));

afterAll(() => bed?.close());

function expectUnharmed(harm: Harm): void {
  expect(harm).toMatchObject({ guests: [], killedIn: [], belowFloor: 0, stackTraces: 0 });
}

test('errors in every position of a policy, when it is evaluated', { timeout: 600_000 }, async () => {
  const names = policies.failing.map((_, at) => `faulty-${at}.policy`);
  for (const [at, text] of policies.failing.entries()) await writeFile(join(bed.folder, names[at]!), `${text}\n`);
  run = await bed.start('policies', [`policy: [sway.policy, ${names.join(', ')}, steer-ksm.policy]`]);
  await nextEvaluations(run, 1);
  const watch = await Watch.begin(run, bed.guests);
  await nextEvaluations(run, 10);
  for (const guest of bed.guests) await nextMoves(run, guest);
  const evaluated = (await watch.moments()).filter((moment) => moment.evaluated);
  const failed = evaluated.map(({ failedFiles }) => names.filter((name) => failedFiles.has(name)).length);
  const requested = new Set(evaluated.flatMap(({ requestingFiles }) => [...requestingFiles]));
  const harm = await watch.end();
  expectUnharmed(harm);
  expect(failed).toEqual(evaluated.map(() => names.length));
  expect([...requested].sort()).toEqual(['steer-ksm.policy', 'sway.policy']);
  await addRow({
    fault: `Policies with an error in every position of every form and function, ${names.length} files, evaluated in each interval`,
    did: `Recorded the error of each file in each of ${counted(evaluated.length, 'interval')}, and none of the balloon targets that these files asked for; moved all balloons on as the file without errors asked`,
    lost: harm.lost,
  });
});

test('errors in every position of a policy, when it is loaded', { timeout: 600_000 }, async () => {
  const broken = policies.broken.filter((_, at) => at % EACH === 0);
  const path = join(bed.folder, 'broken.policy');
  await writeFile(path, '# Nothing.\n');
  run = await bed.start('reloads', ['policy: [sway.policy, broken.policy, steer-ksm.policy]']);
  for (const guest of bed.guests) await nextMoves(run, guest);
  const watch = await Watch.begin(run, bed.guests);
  let refused = 0;
  for (const text of broken) {
    await writeFile(path, `${text}\n`);
    const at = run.ballast.lineCount();
    run.ballast.kill('SIGHUP');
    const [line] = await run.ballast.waitForLine(/Reload failed|Config and policies reloaded/, 30_000, at);
    if (line === 'Reload failed') refused += 1;
  }
  for (const guest of bed.guests) await nextMoves(run, guest);
  const requested = new Set((await watch.moments()).flatMap(({ requestingFiles }) => [...requestingFiles]));
  const harm = await watch.end();
  expectUnharmed(harm);
  expect(refused).toBe(broken.length);
  expect([...requested].sort()).toEqual(['steer-ksm.policy', 'sway.policy']);
  await addRow({
    fault: `Policies with an error in every position that cannot be loaded, ${broken.length} one after the other, with a reload for each`,
    did: `Refused ${refused} and kept the policies in effect; moved all balloons on`,
    lost: harm.lost,
  });
});
