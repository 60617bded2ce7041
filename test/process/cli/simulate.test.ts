import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT_BALLAST, runBallast, startBallast } from '../../support/ballast.ts';
import { SMALL_SCENARIO } from '../../support/small-scenario.ts';

let folder: string;
let short: string;

const POLICIES = ['--policy', 'mom-balloon', '--policy', 'mom-ksm'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-simulate-'));
  short = join(folder, 'short.yaml');
  await writeFile(short, SMALL_SCENARIO);
});
afterAll(() => rm(folder, { recursive: true }));

describe('ballast simulate', () => {
  it('prints pain and gain, of several seeds the mean with the least and the most', async () => {
    const { code, stdout } = await runBallast(['simulate', short, ...POLICIES, '--seeds', '3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +short\nsimulated +10 min\nseeds +3, from 1 to 3\n/);
    expect(stdout).toMatch(/^guests waited for memory +.* \(.* to .*\)$/m);
    expect(stdout).toMatch(/^given back by balloons +[\d.]+ [GM]iB h/m);
  });

  it('gives the same bytes in one thread, in two, and from the sources', async () => {
    const args = ['simulate', short, 'scenarios/boot-storm.yaml', ...POLICIES];
    const all = [...args, '--duration', '6min', '--seeds', '2', '--json', '--jobs'];
    const one = await runBallast([...all, '1']);
    const two = await runBallast([...all, '2']);
    expect(two.stdout).toBe(one.stdout);
    const lines = one.stdout.split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seed: number }).seed)).toEqual([1, 2, 1, 2]);
    expect(new Set(lines).size).toBe(4);
    const fromSources = await runBallast(['simulate', short, ...POLICIES, '--duration', '6min', '--json'], {
      command: CHECKOUT_BALLAST,
    });
    expect(fromSources.stdout).toBe(lines[0]);
  }, 180_000);

  it('decides nothing with the policy none, and warns of nothing', async () => {
    const { stdout, stderr } = await runBallast(['simulate', short, '--policy', 'none', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ scenario: 'short', gain: { balloonMoves: 0, ksmdCpuS: 0 } });
    expect(stderr).toBe('');
  });

  it('writes tables of each simulation, as an export of its recording has them, and simulates a partition', async () => {
    const args = ['simulate', short, ...POLICIES];
    expect(await runBallast([...args, '--seeds', '2', '--parquet', join(folder, 'tables')])).toMatchObject({ code: 0 });
    await runBallast([...args, '-o', join(folder, 'seed-1.jsonl')]);
    const exported = [
      'export',
      join(folder, 'seed-1.jsonl'),
      '--parquet',
      join(folder, 'exported'),
      '--host',
      'short-1',
    ];
    expect(await runBallast(exported)).toMatchObject({ code: 0 });
    for (const table of ['host', 'guests', 'decisions', 'holds']) {
      const file = join(table, 'date=2026-01-05', 'host=short-1', '20260105T000000000Z.parquet');
      expect(await readFile(join(folder, 'tables', file))).toEqual(await readFile(join(folder, 'exported', file)));
    }
    const partition = join(folder, 'tables/guests/date=2026-01-05/host=short-2');
    const again = await runBallast(['simulate', partition, ...POLICIES, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ scenario: 'short-2', simulated_s: 600 });
  });

  it('writes no tables where it cannot, and none of a simulation that was stopped', async () => {
    const failed = await runBallast(['simulate', short, ...POLICIES, '--parquet', join(short, 'tables')]);
    expect(failed).toMatchObject({ code: 2, stdout: '' });
    expect(failed.stderr).toMatch(/short\.yaml\S* cannot be written: /);
  });

  it('records a simulation, the same bytes each time, that replay, timeline and explain read', async () => {
    const [one, two] = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl')];
    for (const output of [one, two]) await runBallast(['simulate', short, ...POLICIES, '-o', output]);
    expect(await readFile(two)).toEqual(await readFile(one));
    const policies = ['--policy', 'policies/mom-balloon.policy', '--policy', 'policies/mom-ksm.policy'];
    const replayed = await runBallast(['replay', one, ...policies, '--json']);
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
    const timeline = await runBallast(['timeline', one]);
    expect(timeline).toMatchObject({ code: 0, stderr: '' });
    expect(timeline.stdout).toMatch(/^2026-01-05T00:0\S+ +web-\d +-\d.* requested at .*balloon\.policy:/m);
    const explained = await runBallast(['explain', one, ...policies, '--at', '2026-01-05T00:05:00Z']);
    expect(explained.code).toBe(0);
    expect(explained.stdout).toMatch(/^the host at 2026-01-05T00:05:00/);
  });

  it('says when the recording cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const output = join(folder, 'file/one.jsonl');
    const { code, stderr } = await runBallast(['simulate', short, ...POLICIES, '-o', output]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${output} cannot be written: something else of this name is there`,
    });
  });

  it('prints what has finished when it is stopped, and nothing half-written', async () => {
    const ballast = startBallast(['simulate', short, ...POLICIES, '--seeds', '10000', '--json']);
    await ballast.waitForLine(/"seed":1,/);
    const { code } = await ballast.stop('SIGINT');
    expect(code).toBe(1);
    for (const line of ballast.stdout) expect(JSON.parse(line)).toHaveProperty('pain');
    expect(ballast.stderr).toEqual([
      expect.stringMatching(/^stopped: \d+ of 10000 simulations finished$/) as unknown as string,
    ]);
  });

  it('writes a page of one simulation, and of several; the recording for it is not kept', async () => {
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    const env = { TMPDIR: temporary };
    const [one, two] = ['one.html', 'two.html'].map((name) => join(folder, name)) as [string, string];
    expect(await runBallast(['simulate', short, ...POLICIES, '--report', one], { env })).toMatchObject({ code: 0 });
    const page = await readFile(one, 'utf8');
    expect(page).toContain('Ballast simulation: short');
    expect(page.match(/class="demand" data-name="wanted"/g)).toHaveLength(4);
    expect((await readdir(temporary)).filter((name) => name.startsWith('ballast-'))).toEqual([]);
    const several = ['simulate', short, ...POLICIES, '--seeds', '2', '--report', two];
    expect(await runBallast(several, { env })).toMatchObject({ code: 0 });
    expect(await readFile(two, 'utf8')).toContain('Ballast: mom-balloon+mom-ksm simulated');
  });

  it('says when the page cannot be written', async () => {
    const args = ['simulate', short, '--policy', 'none', '--duration', '1min', '--report', '/proc/no/page.html'];
    const { code, stderr } = await runBallast(args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\/proc\/no\/page\.html cannot be written: /)]);
  });
});
