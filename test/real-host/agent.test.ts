import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentImage, bedPaths, Guest, startBallast, waitFor, type RunningProcess } from './support/index.ts';

const POLICY = `(with Guests vm
  (debug (vm.Prop "name") vm.mem_unused
         vm.agent_mem_available vm.agent_mem_free vm.agent_swap_total vm.agent_minor_fault))`;

/** What one evaluation has seen of a guest, as the policy has printed it. */
const SEEN = /INFO - ballast-test-(\w+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;

/** The distribution's qemu-ga in a guest, beside a guest whose agent knows no files. */
describe('the agent in a real guest', () => {
  let real: Guest;
  let ballast: RunningProcess;

  beforeAll(async () => {
    const initramfs = await agentImage();
    const guests = await Guest.startAll([
      { name: 'real', memoryMib: 256, statsPeriodS: 1, initramfs },
      { name: 'other', memoryMib: 192, statsPeriodS: 1 },
    ]);
    real = guests[0]!;
    const folder = await mkdtemp(join(bedPaths().temporary, 'agent-'));
    await writeFile(join(folder, 'agent.policy'), POLICY);
    await writeFile(
      join(folder, 'ballast.yaml'),
      [
        'collect_interval: 1s',
        'policy_interval: 1s',
        `policy: {files: [${join(folder, 'agent.policy')}]}`,
        'collectors: [default, guest-agent]',
        'log: {format: mom}',
      ].join('\n'),
    );
    ballast = startBallast(['run', '--config', join(folder, 'ballast.yaml')]);
    await ballast.waitForLine(/INFO - ballast-test-real /);
  });

  afterAll(async () => {
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
  });

  const seenSince = (line: number, name: string) =>
    ballast.stderr.slice(line).flatMap((text) => {
      const [, guest, unused, total, free, swap, faults] = SEEN.exec(text) ?? [];
      if (guest !== name) return [];
      const atMs = Date.parse(text.slice(0, 23).replace(',', '.'));
      return [{ atMs, unused: Number(unused), total: Number(total), free: Number(free), swap, faults: Number(faults) }];
    });

  const whenSeen = (name: string, isWanted: (total: number) => boolean) =>
    waitFor('the figures', 60_000, async () => seenSince(0, name).findLast(({ total }) => isWanted(total)) ?? null);

  /** Milliseconds between the evaluations of the next seconds, and what they see of the guest with the agent. */
  async function nextEvaluations(count: number) {
    const line = ballast.stderr.length;
    await waitFor(`${count} evaluations`, 60_000, async () => seenSince(line, 'other').length >= count);
    const times = seenSince(line, 'other').map(({ atMs }) => atMs);
    return { gaps: times.slice(1).map((ms, at) => ms - times[at]!), seen: seenSince(line, 'real') };
  }

  test('tells what the guest itself reads of its memory', async () => {
    const seen = await whenSeen('real', (total) => total > 0);
    const memory = await real.meminfo();
    const [free = 0, buffers = 0, cached = 0] = ['MemFree', 'Buffers', 'Cached'].map((name) => memory.get(name));
    expect(seen.total).toBe(memory.get('MemTotal'));
    expect(Math.abs(seen.free - free - buffers - cached)).toBeLessThan(16_384);
    expect(seen.swap).toBe('0');
    expect(seen.faults).toBeGreaterThan(1000);
  });

  test('is nil for a guest whose agent cannot read files, which stays in evaluation', () => {
    const seen = seenSince(0, 'other');
    expect(seen.map(({ total }) => total).filter((total) => !Number.isNaN(total))).toEqual([]);
    expect(seen.at(-1)!.unused).toBeGreaterThan(0);
    expect(ballast.stderr.join('\n')).toMatch(/guest:ballast-test-other incomplete statistics.* guest-agent/);
  });

  test('delays one interval at most when it is stopped, and is asked again when it goes on', async () => {
    await real.command('agent stop');
    await whenSeen('real', Number.isNaN);
    const { gaps, seen } = await nextEvaluations(15);
    expect(gaps.filter((ms) => ms > 1500)).toEqual([]);
    expect(seen.filter(({ total }) => !Number.isNaN(total))).toEqual([]);
    expect(seen.at(-1)!.unused).toBeGreaterThan(0);
    const logged = ballast.stderr.filter((line) => /guest:ballast-test-real incomplete statistics/.test(line));
    expect(logged.length).toBeLessThanOrEqual(2);
    await real.command('agent cont');
    const line = ballast.stderr.length;
    await waitFor('the figures', 60_000, async () => seenSince(line, 'real').some(({ total }) => total > 0));
  });

  test('delays nothing when it is gone', async () => {
    await real.command('agent end');
    const line = ballast.stderr.length;
    await waitFor('its loss', 60_000, async () => seenSince(line, 'real').some(({ total }) => Number.isNaN(total)));
    const { gaps, seen } = await nextEvaluations(10);
    expect(gaps.filter((ms) => ms > 1500)).toEqual([]);
    expect(seen.at(-1)!.unused).toBeGreaterThan(0);
  });
});
