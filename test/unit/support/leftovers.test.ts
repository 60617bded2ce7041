import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leftovers, notePackages } from '../../real-host/bed/leftovers.ts';

test('the host tests name what they leave: the packages of all runs, and the cache with its size', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-leftovers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const cache = join(folder, 'cache');
  expect(await leftovers(cache)).toEqual([]);
  await notePackages(['cpio', 'libvirt-clients'], cache);
  await notePackages(['libvirt-clients', 'busybox-static'], cache);
  await writeFile(join(cache, 'kernel'), Buffer.alloc(3 * 1024 * 1024 - 100));
  expect(await leftovers(cache)).toEqual([
    'left installed: cpio, libvirt-clients, busybox-static, with what they depend on and, under systemd, a running libvirtd; to remove them: apt-get purge --autoremove cpio libvirt-clients busybox-static',
    `left for the next run: ${cache} (3 MiB); to remove it: rm -r ${cache}`,
  ]);
});
