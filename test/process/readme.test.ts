import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { runBallast } from '../support/ballast.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The text of the first block of that language in the README. */
async function block(language: string): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(readme);
  return found![1]!;
}

it('npm start shows what the README promises: decisions as they go, then the summary', async () => {
  const { stdout } = await run('npm', ['start', '--silent'], { cwd: ROOT });
  const promised = (await block('text')).trim();
  expect(promised).toMatch(/^Ballooning guest:/);
  expect(stdout).toContain(promised);
  for (const guest of ['web-1', 'web-2', 'db-1', 'batch-1'])
    expect(stdout).toMatch(new RegExp(`^${guest}( +\\d+){6}$`, 'm'));
  expect(stdout).toMatch(/^KSM changes +\d+$/m);
  expect(stdout).toMatch(/^pages shared by KSM +\d+ at most/m);
  expect(stdout).toMatch(/^memory reclaimed +\d+ MiB at most/m);
  expect(stdout.indexOf(promised)).toBeLessThan(stdout.indexOf('memory reclaimed'));
});

it('the policy in the README has no mistakes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'readme.policy'), await block('lisp'));
  expect(await runBallast(['check', 'readme.policy'], { cwd: folder })).toMatchObject({
    code: 0,
    stdout: '1 file: no mistakes found',
  });
});
