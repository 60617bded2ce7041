import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { isAsShown } from '../support/walkthrough.ts';
import { runBallast } from '../support/ballast.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The text of the first block of a language in the README. */
async function block(language: string): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(readme);
  return found![1]!;
}

it('npm start prints what the README shows', async () => {
  const { stdout } = await run('npm', ['start', '--silent'], { cwd: ROOT });
  const shown = (await block('text')).trim().split('\n');
  expect(shown.length).toBeGreaterThan(5);
  if (!isAsShown(shown, stdout)) expect(stdout).toBe(shown.join('\n'));
});

it('every page that the README links to exists', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => join(ROOT, path!));
  expect(links.length).toBeGreaterThan(20);
  for (const path of links) await expect(access(path), path).resolves.toBeUndefined();
});

it('the policy in the README has no errors', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'readme.policy'), await block('lisp'));
  expect(await runBallast(['check', 'readme.policy'], { cwd: folder })).toMatchObject({
    code: 0,
    stdout: '1 file: no mistakes found',
  });
});
