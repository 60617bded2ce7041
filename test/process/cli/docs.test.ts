import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BALLAST } from '../../support/ballast.ts';
import { start } from '../../support/process.ts';

it('ballast docs leaves the file unchanged and no temporary file when the page does not fit on the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'reference.md');
  await writeFile(file, 'before\n');
  const ballast = start('sh', ['-c', 'ulimit -f 8; exec "$0" docs -o "$1"', BALLAST, file]);
  expect(await ballast.exit).toMatchObject({ code: 2 });
  expect(ballast.stderr).toEqual([
    `${file} cannot be written: it would be larger than this user, or the file system, may have a file`,
  ]);
  expect(await readFile(file, 'utf8')).toBe('before\n');
  expect(await readdir(folder)).toEqual(['reference.md']);
});
