import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bedPaths,
  Guest,
  HostRoot,
  ksm,
  runBallast,
  startBallast,
  waitFor,
  type RunningProcess,
} from './support/index.ts';

const BALLOONED = /Ballooning guest:ballast-test-\S+ from \d+ to \d+$/;

/** Guests with changing demand on a host with a memory shortage that ends, with the shipped policies. */
describe('the shipped policies on real guests', () => {
  let guests: Guest[];
  let host: HostRoot;
  let folder: string;
  let ballast: RunningProcess;

  const actual = async (guest: Guest): Promise<number> => (await guest.memoryStats()).get('actual') ?? Number.NaN;

  beforeAll(async () => {
    guests = await Guest.startAll(['web', 'db', 'batch'].map((name) => ({ name, memoryMib: 512, statsPeriodS: 1 })));
    host = await HostRoot.create();
    folder = await mkdtemp(join(bedPaths().temporary, 'daemon-'));
    await writeFile(
      join(folder, 'ballast.yaml'),
      [
        'collect_interval: 1s',
        'policy_interval: 2s',
        `host_root: ${host.path}`,
        'policy:',
        '  files:',
        ...['mom-balloon', 'mom-ksm'].map(
          (name) => `    - ${join(import.meta.dirname, `../../policies/${name}.policy`)}`,
        ),
        `record: {path: ${join(folder, 'run.jsonl.gz')}}`,
        // The guests have just booted, and the shortage is a short one.
        'rhythm: {boot_grace: 0s, cool_down: 10s}',
        'shutdown: restore',
        'log: {format: mom}',
      ].join('\n'),
    );
    await host.setFree(0.5);
    ballast = startBallast(['run', '--config', join(folder, 'ballast.yaml')]);
    await ballast.waitForLine(/Connected to qemu:\/\/\/system/);
  });

  afterAll(async () => {
    await host.close();
  });

  test('leave the guests unchanged while the host has free memory', async () => {
    await Promise.all(guests.map((guest) => guest.fill(64, 'same')));
    expect(ballast.stderr.filter((line) => BALLOONED.test(line))).toEqual([]);
  });

  test('shrink every guest during a shortage, and KSM merges real pages', async () => {
    await host.setFree(0.1);
    await waitFor('all guests to shrink', 120_000, async () =>
      (await Promise.all(guests.map(actual))).every((kib) => kib < 500_000),
    );
    await waitFor('10,000 shared pages', 150_000, async () => (await ksm.read('pages_sharing')) > 10_000);
    expect(await ksm.read('run')).toBe(1);
    expect(await Promise.all(guests.map((guest) => guest.alive()))).toEqual([true, true, true]);
  });

  test('return all memory when the shortage ends, and stop KSM', async () => {
    await host.setFree(0.9);
    await waitFor('all guests to have their memory back', 150_000, async () =>
      (await Promise.all(guests.map(actual))).every((kib) => kib === 524_288),
    );
    await waitFor('KSM to stop', 30_000, async () => (await ksm.read('run')) === 0);
  });

  test('make the same decisions in a replay of the recording', async () => {
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
    const logged = ballast.stderr.flatMap((line) => BALLOONED.exec(line)?.[0] ?? []);
    expect(logged.length).toBeGreaterThan(10);
    const policies = ['mom-balloon', 'mom-ksm'].flatMap((name) => [
      '--policy',
      join(import.meta.dirname, `../../policies/${name}.policy`),
    ]);
    const replayed = await runBallast([
      'replay',
      join(folder, 'run.jsonl.gz'),
      ...policies,
      '--config',
      join(folder, 'ballast.yaml'),
      '--log-format',
      'mom',
    ]);
    expect(replayed.code).toBe(0);
    const decided = replayed.stdout.split('\n').flatMap((line) => BALLOONED.exec(line)?.[0] ?? []);
    // The last lines are from restoring the balloons on exit, not from a policy.
    expect(decided).toEqual(logged.slice(0, decided.length));
    expect(logged.length - decided.length).toBeLessThanOrEqual(guests.length);
  });
});
