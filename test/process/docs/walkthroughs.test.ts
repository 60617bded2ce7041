import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BALLAST } from '../../support/ballast.ts';
import { isAsShown, runAll, stepsOf } from '../../support/walkthrough.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A copy of the checkout as the pages use it, with the built command instead of the slower one. */
async function checkoutWithBuiltCommand(path: string): Promise<void> {
  await mkdir(path);
  const names = (await readdir(ROOT)).filter((name) => name !== 'bin');
  await Promise.all(names.map((name) => symlink(join(ROOT, name), join(path, name))));
  await symlink(dirname(BALLAST), join(path, 'bin'));
}

/** The pages that are run from top to bottom. */
const PAGES = [
  ...[
    'tutorial.md',
    'policy-tests.md',
    'migrate.md',
    'simulate.md',
    'compare.md',
    'traces.md',
    'shadow.md',
    'explain.md',
  ],
  ...['capacity.md', 'tune.md', 'cookbook.md'],
  ...['balanced', 'ksmtuned', 'proxmox', 'squeezed', 'esx', 'senpai', 'qemus'].map((name) => `policies/${name}.md`),
];

describe.each(PAGES)('docs/%s', async (page) => {
  const text = await readFile(join(ROOT, 'docs', page), 'utf8');
  const steps = stepsOf(text);
  const commands = steps.flatMap((step, at) => (step.kind === 'run' ? [{ at, ...step }] : []));
  let folder: string;
  let printed: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-walkthrough-'));
    await checkoutWithBuiltCommand(join(folder, 'ballast'));
    printed = await runAll(steps, folder, { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', TZ: 'UTC' });
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('has steps, and all are run', () => {
    expect(commands.length).toBeGreaterThan(2);
    expect(printed).toHaveLength(steps.length);
  });

  it('shows only policy tests that a step writes', () => {
    const shown = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
      .map(([, block]) => block!)
      .filter((block) => block.includes('expect:'));
    expect(shown).toEqual(
      steps.flatMap((step) => (step.kind === 'write' && step.text.includes('expect:') ? [step.text] : [])),
    );
  });

  it.each(commands)('line $line: $command', ({ at, output }) => {
    const real = printed[at]!;
    if (!isAsShown(output, real)) expect(real).toBe(`${output.join('\n')}\n`);
  });
});

describe('the comparison', () => {
  it('matches … with any text in a line, or with any lines if alone', () => {
    expect(isAsShown(['a … c', '…', 'e'], 'a b c\nd\nd\ne\n')).toBe(true);
    expect(isAsShown(['…'], '')).toBe(true);
    expect(isAsShown(['a'], 'a\nb\n')).toBe(false);
    expect(isAsShown(['a…'], 'b\n')).toBe(false);
    expect(isAsShown(['1 + (2)'], '1 + (2)\n')).toBe(true);
  });
});
