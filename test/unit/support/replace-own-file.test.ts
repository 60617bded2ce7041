import { chmod, lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PauseFile } from '../../../src/daemon/pause-file.ts';
import { replaceOwnFile } from '../../../src/support/replace-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-own-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const WRITERS = [
  ['any file', (path: string) => replaceOwnFile(path, '[]', 0o600), 'file'],
  ['the pauses', () => new PauseFile(folder, 'key').write([]), 'pauses-key.json'],
] as const;

it.each(WRITERS)('%s: a link in its place is replaced, not followed', async (_, write, name) => {
  const victim = join(folder, 'victim');
  const path = join(folder, name);
  for (const target of [victim, join(folder, 'missing')]) {
    await rm(path, { force: true });
    await writeFile(victim, 'precious');
    await symlink(target, path);
    await write(path);
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(victim, 'utf8')).toBe('precious');
  }
});

it.each(WRITERS)('%s: a file in its place lends it no mode', async (_, write, name) => {
  const path = join(folder, name);
  await writeFile(path, '');
  await chmod(path, 0o666);
  await write(path);
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
});

it.each([1e300, -1e300, 8.64e15 + 1])(
  'a file of pauses with the time %d, which no clock has, is damaged',
  async (timeMs) => {
    const file = new PauseFile(folder, 'key');
    const pause = { what: 'all', sinceMs: timeMs, untilMs: null, by: 'x', reason: null };
    await writeFile(file.path, JSON.stringify({ ballast_pauses: 1, pauses: [pause] }));
    expect(await file.read()).toMatch('pauses.0.sinceMs is wrong: ');
  },
);

it('a directory in its place is an error, and nothing is left behind', async () => {
  await expect(replaceOwnFile(folder, '', 0o600)).rejects.toThrow(/EISDIR|EBUSY|ENOTEMPTY|EEXIST|EPERM/);
});
