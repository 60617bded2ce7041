import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bedPaths, Guest, HostRoot, runBallast, startBallast, waitFor, type RunningProcess } from './support/index.ts';

const SHIPPED = join(import.meta.dirname, '../../policies/mom-balloon.policy');

/** The default floor of a 512 MiB guest, KiB. */
const FLOOR_KIB = 262_144;

/** A smaller move is not made by default, KiB. */
const DEAD_BAND_KIB = 4096;

/**
 * MOM's balloon rules, with a pressure threshold of 0.999, took so much memory from a 512 MiB guest in 37 steps that its kernel
 * panicked. This test runs the shipped rules with the same threshold, five times as many steps, a critical shortage, and finally no floor.
 */
describe('a policy that is always short of memory', () => {
  let idle: Guest;
  let busy: Guest;
  let host: HostRoot;
  let folder: string;
  let ballast: RunningProcess;
  let startMs: number;

  const actual = async (guest: Guest): Promise<number> => (await guest.memoryStats()).get('actual') ?? Number.NaN;
  const targets = (guest: Guest): number[] =>
    ballast.stderr.flatMap((line) => {
      const [, name, to] = /Ballooning guest:(\S+) from \d+ to (\d+)$/.exec(line) ?? [];
      return name === guest.domain ? [Number(to)] : [];
    });
  const configure = (lines: readonly string[]): Promise<void> =>
    writeFile(
      join(folder, 'ballast.yaml'),
      [
        'collect_interval: 1s',
        'policy_interval: 1s',
        `host_root: ${host.path}`,
        `policy: ${join(folder, 'greedy.policy')}`,
        `record: {path: ${join(folder, 'run.jsonl.gz')}}`,
        'log: {format: mom}',
        // The guests have just booted, and memory that was never touched does not come back: floor and headroom are tested.
        'rhythm: {boot_grace: 0s, cool_down: 10s}',
        'returns: {enabled: false}',
        ...lines,
      ].join('\n'),
    );
  const expectUnharmed = async (): Promise<void> => {
    for (const guest of [idle, busy]) {
      expect(await guest.panicked()).toBe(false);
      expect(await guest.alive()).toBe(true);
      expect(await guest.consoleLog()).not.toMatch(/Out of memory|oom-killer|deadlocked/);
    }
  };

  beforeAll(async () => {
    const options = { memoryMib: 512, statsPeriodS: 1 };
    [idle, busy] = (await Guest.startAll([
      { name: 'idle', ...options },
      { name: 'busy', ...options },
    ])) as [Guest, Guest];
    await busy.fill(320);
    host = await HostRoot.create();
    await host.setFree(0.5);
    folder = await mkdtemp(join(bedPaths().temporary, 'panic-'));
    const shipped = await readFile(SHIPPED, 'utf8');
    const greedy = shipped.replace(
      /\(param shortage_share 20%([^]*?):max 90%\)/,
      '(param shortage_share 99.9%$1:max 100%)',
    );
    expect(greedy).not.toBe(shipped);
    await writeFile(join(folder, 'greedy.policy'), greedy);
    await configure([]);
    ballast = startBallast(['run', '--config', join(folder, 'ballast.yaml')]);
    await ballast.waitForLine(/Ballooning guest:ballast-test-idle/);
    startMs = Date.now();
  });

  afterAll(async () => {
    await ballast?.stop('SIGKILL');
    await host?.close();
  });

  test('leaves guests the memory that they need while half of the host is free, which the policy treats as a shortage', async () => {
    await waitFor('the idle guest to give', 150_000, async () => (await actual(idle)) < 420_000);
    await sleep(startMs + 90_000 - Date.now());
    await expectUnharmed();
  });

  test('keeps floor and headroom of guests in a critical shortage, and they stay usable', async () => {
    await host.setFree(0.03);
    await waitFor(
      'the idle guest to be at its floor',
      100_000,
      async () => (await actual(idle)) < FLOOR_KIB + DEAD_BAND_KIB,
    );
    await sleep(Math.max(0, startMs + 140_000 - Date.now()));
    await expectUnharmed();
    await idle.fill(64);
    await busy.fill(352);
    await expectUnharmed();
    for (const guest of [idle, busy]) {
      expect(targets(guest)).not.toEqual([]);
      expect(Math.min(...targets(guest))).toBeGreaterThanOrEqual(FLOOR_KIB);
    }
    // At least the 320 MiB in use and the headroom of 64 MiB are kept.
    expect(Math.min(...targets(busy))).toBeGreaterThan(384 * 1024);
  });

  test('keeps the headroom of guests even if the operator removes the floor', async () => {
    await idle.free();
    await busy.fill(320);
    await configure(['balloon: {floor: 0KiB, floor_ratio: 0%}']);
    const before = ballast.lineCount();
    ballast.kill('SIGHUP');
    await ballast.waitForLine(/Config and policies reloaded/, 60_000, before);
    await waitFor('the idle guest to go below the former floor', 100_000, async () => (await actual(idle)) < FLOOR_KIB);
    await sleep(Math.max(0, startMs + 200_000 - Date.now()));
    await expectUnharmed();
    await idle.fill(32);
    await expectUnharmed();
    expect(Math.min(...targets(idle))).toBeLessThan(FLOOR_KIB);
  });

  test('returns memory when the host has enough, and guests can use it', async () => {
    await host.setFree(1);
    await waitFor('the idle guest to have its memory back', 150_000, async () => (await actual(idle)) > 450_000);
    await idle.fill(320);
    await expectUnharmed();
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
    const replayed = await runBallast([
      'replay',
      '--json',
      join(folder, 'run.jsonl.gz'),
      '--policy',
      join(folder, 'greedy.policy'),
    ]);
    expect(replayed.code).toBe(0);
    const last = JSON.parse(replayed.stdout.split('\n').at(-1) ?? '') as {
      readonly summary: { readonly host: { readonly evaluations: number } };
    };
    expect(last.summary.host.evaluations).toBeGreaterThan(3 * 37);
  });
});
