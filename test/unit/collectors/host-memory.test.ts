import { describe, expect, it } from 'vitest';
import { hostMemory } from '../../../collectors/host-memory.ts';
import { collectHost, contextOf, fixtureHost, KernelTree, ManualClock, oneInterval } from '../../support/kernel.ts';

describe('host-memory', () => {
  it('reads the files of a real kernel', async () => {
    expect(await collectHost(hostMemory, fixtureHost('linux-6.18'))).toMatchObject({
      mem_available: 24684084,
      mem_unused: 23829520,
      mem_free: 23829520 + 1256 + 231272,
      mem_available_estimate: 23920624,
      swap_total: 0,
      swap_usage: 0,
      swap_in: 0,
      swap_out: 0,
    });
  });

  it('distinguishes used swap from total swap', async () => {
    expect(await collectHost(hostMemory, fixtureHost('linux-5.10'))).toMatchObject({
      mem_available: 131900260,
      anon_pages: 97210340,
      swap_total: 8388604,
      swap_usage: 8388604 - 7340028,
    });
  });

  it('omits what an old or small kernel lacks', async () => {
    const values = await collectHost(hostMemory, fixtureHost('bare'));
    expect(values).toMatchObject({ mem_available: 1024000, mem_free: 510000, anon_pages: 150000 });
    expect(values.mem_available_estimate).toBeUndefined();
    expect(values.swap_total).toBeUndefined();
    expect(values.swap_in).toBeNull();
  });

  it('returns nothing without /proc/meminfo and does not fail', async () => {
    const tree = await KernelTree.of({});
    expect((await collectHost(hostMemory, tree.host)).mem_available).toBeUndefined();
  });

  it('omits mem_free when one of its summands is missing instead of returning too small a value', async () => {
    const tree = await KernelTree.of({ '/proc/meminfo': 'MemTotal: 10 kB\nMemFree: 5 kB\nCached: 2 kB\n' });
    expect(await collectHost(hostMemory, tree.host)).toMatchObject({ mem_unused: 5, mem_free: undefined });
  });

  it.each([
    ['MemTotal: 100 kB\nHugetlb: 40 kB\n', { mem_ordinary: 60, hugetlb: 40 }],
    ['MemTotal: 9000 kB\nHugePages_Total: 2\nHugepagesize: 2048 kB\n', { mem_ordinary: 4904, hugetlb: 4096 }],
    ['MemTotal: 100 kB\n', { mem_ordinary: 100, hugetlb: undefined }],
    ['MemAvailable: 50 kB\nMemFree: 9 kB\nShmem: 7 kB\n', { mem_allocatable: 50, shmem: 7 }],
    ['MemFree: 50 kB\nBuffers: 1 kB\nCached: 9 kB\nShmem: 8 kB\n', { mem_allocatable: 52, mem_free: 60 }],
    ['MemFree: 50 kB\nBuffers: 1 kB\n', { mem_allocatable: undefined, mem_free: undefined }],
    ['SwapCached: 1 kB\nZswap: 2 kB\nZswapped: 5 kB\n', { swap_cached: 1, zswap: 2, zswapped: 5 }],
  ])('reads %j', async (meminfo, want) => {
    const tree = await KernelTree.of({ '/proc/meminfo': meminfo });
    expect(await collectHost(hostMemory, tree.host)).toMatchObject(want);
  });

  it('counts what the ARC of OpenZFS has above its minimum as allocatable', async () => {
    const tree = await KernelTree.of({
      '/proc/meminfo': 'MemAvailable: 100 kB\n',
      '/proc/spl/kstat/zfs/arcstats': 'c_min 4 10240\nsize 4 51200\n',
    });
    expect(await collectHost(hostMemory, tree.host)).toMatchObject({ mem_allocatable: 140 });
    await tree.set('/proc/spl/kstat/zfs/arcstats', 'c_min 4 51200\nsize 4 10240\n');
    expect(await collectHost(hostMemory, tree.host)).toMatchObject({ mem_allocatable: 100 });
  });

  it.each([4, 16, 64])('determines a page size of %i KiB, and remembers it', async (size) => {
    const tree = await KernelTree.of({
      '/proc/meminfo': `MemFree: ${size * 1000 + 900} kB\n`,
      '/proc/vmstat': 'nr_free_pages 1000\n',
    });
    const { collect } = hostMemory.create(contextOf(tree.host));
    expect(await collect(oneInterval())).toMatchObject({ page_size: size });
    await tree.set('/proc/vmstat', 'nr_free_pages 1\n');
    expect(await collect(oneInterval())).toMatchObject({ page_size: size });
  });

  it('counts the pages swapped between two samples', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    const clock = new ManualClock();
    const { collect } = hostMemory.create(contextOf(tree.host, { now: clock.now }));
    expect(await collect(oneInterval())).toMatchObject({ swap_in: 0, swap_out: 0 });
    clock.ms += 5000;
    await tree.set('/proc/vmstat', 'pswpin 1230\npswpout 54007\n');
    expect(await collect(oneInterval())).toMatchObject({ swap_in: 30, swap_out: 7 });
  });

  it('fails with file and line when a size is invalid', async () => {
    await expect(collectHost(hostMemory, fixtureHost('odd-lines'))).rejects.toThrow(
      '/proc/meminfo:2: expected MemTotal as a number of kB, found "lots kB"',
    );
  });

  it('skips lines of another format and reads the first of two duplicates', async () => {
    const tree = await KernelTree.copyOf('odd-lines');
    await tree.set('/proc/meminfo', (await tree.get('/proc/meminfo')).replace('lots', '900000').replace('MB', 'kB'));
    await tree.set('/proc/vmstat', 'pswpout\n');
    const values = await hostMemory.create(contextOf(tree.host)).collect(oneInterval());
    expect(values).toMatchObject({ mem_available: 900000, mem_unused: 200000, anon_pages: 150000, swap_total: 1000 });
    expect(values.mem_free).toBeUndefined();
    expect(values.swap_usage).toBeUndefined();
  });
});
