import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBallast } from '../../support/ballast.ts';
import { SMALL_SCENARIO } from '../../support/small-scenario.ts';

let folder: string;
let small: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-capacity-'));
  small = join(folder, 'small.yaml');
  await writeFile(small, SMALL_SCENARIO);
});
afterAll(() => rm(folder, { recursive: true }));

/** The same with one thread as with two. */
async function onOneAndTwo(args: readonly string[]): Promise<string> {
  const one = await runBallast([...args, '--no-cache', '--jobs', '1']);
  const two = await runBallast([...args, '--no-cache', '--jobs', '2']);
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(two.stdout).toBe(one.stdout);
  return one.stdout;
}

describe('ballast capacity', () => {
  it('finds the same load with one thread and with two, and more of it with looser limits', async () => {
    const args = ['capacity', small, '--policy', 'mom-balloon+mom-ksm', '--seeds', '2', '--duration', '3min', '--json'];
    const { more, now, capacity } = JSON.parse(await onOneAndTwo(args)) as Record<string, number> & {
      capacity: { least: number };
    };
    expect(now).toBe(4);
    expect(capacity.least).toBe(4 + more!);
    expect(capacity.least).toBeGreaterThan(0);
    // What kills guests ends each of these searches, however loose they are.
    const looser = await runBallast([...args, '--max-stall', '50%', '--max-oom', '2']);
    const found = JSON.parse(looser.stdout) as { capacity: { least: number } };
    expect(found.capacity.least).toBeGreaterThanOrEqual(capacity.least);
  }, 600_000);
});

describe('ballast tune', () => {
  it('finds the same values with one thread and with two', async () => {
    const args = [
      'tune',
      'mom-balloon+mom-ksm',
      small,
      '--param',
      'spare_share=5%..60%',
      '--choices',
      '6',
      '--seeds',
      '2',
      '--duration',
      '3min',
    ];
    const { choices, judged, seeds } = JSON.parse(await onOneAndTwo([...args, '--json'])) as {
      choices: readonly { values: Readonly<Record<string, string>> }[];
      judged: boolean;
      seeds: readonly number[];
    };
    // One seed chose four of six; the others judge them.
    expect({ judged, seeds }).toEqual({ judged: true, seeds: [2, 3] });
    expect(new Set(choices.map(({ values }) => values['spare_share'])).size).toBe(4);
  }, 600_000);
});
