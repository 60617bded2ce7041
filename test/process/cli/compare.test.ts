import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBallast, startBallast } from '../../support/ballast.ts';
import { SMALL_SCENARIO } from '../../support/small-scenario.ts';

let folder: string;
let scenario: string;
let policy: string;

const POLICY = '(Host.Control "ksm_run" 1)\n';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-compare-'));
  scenario = join(folder, 'small.yaml');
  policy = join(folder, 'own.policy');
  await writeFile(scenario, SMALL_SCENARIO);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => writeFile(policy, POLICY));

const compare = (...args: readonly string[]) => ['compare', scenario, '--seeds', '2', ...args];
const isMatching = (pattern: RegExp) => expect.stringMatching(pattern) as unknown as string;

describe('ballast compare', () => {
  it('gives the same bytes in one thread and in two', async () => {
    const args = compare('--policy', 'none', '--policy', 'mom-balloon+mom-ksm', '--json', '--jobs');
    const one = await runBallast([...args, '1']);
    expect(await runBallast([...args, '2'])).toEqual(one);
    const { policies, cells } = JSON.parse(one.stdout) as { policies: string[]; cells: { seeds: number[] }[] };
    expect(policies).toEqual(['none', 'mom-balloon+mom-ksm']);
    expect(cells.map(({ seeds }) => seeds)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('fails when a gate is broken, and says so in a JUnit report', async () => {
    const report = join(folder, 'gates.xml');
    const gates = ['--gate', 'moves<=0', '--gate', 'guests>=-0%', '--junit', report];
    const { code, stdout } = await runBallast(compare('--policy', 'none', '--policy', 'mom-balloon', ...gates));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^BROKEN {2}moves<=0 {2}small {2}mom-balloon: \d/m);
    expect(stdout).toMatch(/^kept {4}guests>=-0% {2}small {2}mom-balloon: \d/m);
    expect(await readFile(report, 'utf8')).toMatch(/failures="1"[^]*moves&lt;=0 is broken by mom-balloon: \d/);
  });

  it.each([
    ['the same policy twice', ['--policy', 'mom-ksm', '--policy', 'mom-ksm'], /^the policy mom-ksm is given twice$/],
    [
      'two scenarios of one name',
      ['./scenarios/leak.yaml', 'scenarios/leak.yaml', '--policy', 'mom-ksm'],
      /^two scenarios are named leak: rename/,
    ],
    ['no policy', [], /^no policy given: use --policy none --policy balanced/],
    ['a policy that is not there', ['--policy', 'mom-balloon+nothing'], /there is no policy "nothing"/],
    ['a gate that is none', ['--policy', 'mom-ksm', '--gate', 'pain<=1'], /there is no figure "pain"/],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await runBallast(compare(...args));
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: isMatching(message) });
  });

  it('prints what has finished when it is stopped', async () => {
    const args = ['compare', scenario, '--seeds', '10000', '--policy', 'none', '--policy', 'mom-balloon'];
    const cache = join(folder, 'stopped');
    const ballast = startBallast(args, { env: { XDG_CACHE_HOME: cache } });
    // The first result that is kept has finished.
    await expect.poll(() => resultsIn(cache), { timeout: 60_000 }).not.toEqual([]);
    const { code } = await ballast.stop('SIGINT');
    expect(code).toBe(1);
    expect(ballast.stdout.join('\n')).toMatch(/^small: A host that is short\.\n4 guests [^]*guests waited for memory/);
    expect(ballast.stderr).toEqual([isMatching(/^stopped: \d+ of 20000 simulations finished$/)]);
    for (const name of await resultsIn(cache)) expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
  });
});

async function resultsIn(cache: string): Promise<string[]> {
  return readdir(join(cache, 'ballast/simulations')).catch(() => []);
}

describe('results that are kept', () => {
  const run = async (cache: string, ...args: readonly string[]) => {
    const all = compare('--json', '--policy', 'none', '--policy', policy, ...args);
    const { code, stdout } = await runBallast(all, { env: { XDG_CACHE_HOME: join(folder, cache) } });
    expect(code).toBe(0);
    return stdout;
  };
  const namesIn = (cache: string) => resultsIn(join(folder, cache));

  it('are used again, and are the same', async () => {
    const first = await run('again');
    const names = await namesIn('again');
    expect(names).toHaveLength(4);
    expect(await run('again')).toBe(first);
    expect(await namesIn('again')).toEqual(names);
  });

  it.each([
    ['another policy text', () => writeFile(policy, `${POLICY}(Host.Control "ksm_pages_to_scan" 500)\n`), 2],
    ['only another time of the file', () => utimes(policy, 1, 1), 0],
  ])('are not used after a change: %s', async (name, change, missing) => {
    await run(name);
    await change();
    await run(name);
    expect(await namesIn(name)).toHaveLength(4 + missing);
  });

  it.each([
    ['another scenario', SMALL_SCENARIO.replace('500MiB', '510MiB')],
    ['another host', SMALL_SCENARIO.replace('memory: 4GiB', 'memory: 5GiB')],
  ])('are not used for %s', async (name, text) => {
    await run(name);
    await writeFile(scenario, text);
    await run(name);
    await writeFile(scenario, SMALL_SCENARIO);
    expect(await namesIn(name)).toHaveLength(8);
  });

  it('are simulated again when a file is damaged, and with --no-cache', async () => {
    const first = await run('damaged');
    const path = join(folder, 'damaged/ballast/simulations', (await namesIn('damaged'))[0]!);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/"stallS":[\d.e-]+/, '"stallS":12345'));
    expect(await run('damaged')).toBe(first);
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await run('damaged', '--no-cache')).toBe(first);
  });

  it('that cannot be kept harm nothing', async () => {
    await mkdir(join(folder, 'blocked/ballast'), { recursive: true });
    await writeFile(join(folder, 'blocked/ballast/simulations'), '');
    expect(await run('blocked')).toContain('"small"');
  });
});
