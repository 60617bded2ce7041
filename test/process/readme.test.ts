import { execFile } from 'node:child_process';
import { access, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

it('three commands lead from a recording to how many more guests would fit', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, section] = /^## How many more guests would fit\?$([^]*?)^## /m.exec(readme)!;
  const [record, whatif, capacity] = [...section!.matchAll(/^\$ (.+)$/gm)].map(([, command]) => command!);
  expect(record).toBe('sudo ballast record day.jsonl.gz');
  const folder = await mkdtemp(join(tmpdir(), 'ballast-readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await copyFile(join(ROOT, 'test/recordings/demo.jsonl.gz'), join(folder, 'day.jsonl.gz'));
  const answer = (command: string) => runBallast(command.split(' ').slice(1), { cwd: folder });
  const { code, stdout } = await answer(whatif!);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/free memory of the host[^]*as recorded/),
  });
  const { stdout: found } = await answer(capacity!);
  expect(section).toContain(`\n${found.trimEnd().split('\n').at(-1)!}\n`);
}, 300_000);
