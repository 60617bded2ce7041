import { describe, expect, it } from 'vitest';
import { hostGuests } from '../../../collectors/host-guests.ts';
import { reading } from '../../support/builders.ts';
import { collectHost, contextOf, KernelTree, NEVER_ABORTED, oneInterval } from '../../support/kernel.ts';

const MEMINFO = 'MemTotal: 3000 kB\nMemFree: 262144 kB\nHugetlb: 1000 kB\n';
const stat = (pid: number, pages: number): string =>
  `${pid} (qemu) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 5 0 100 1024 ${pages} 0 0 0\n`;

describe('host-guests', () => {
  it('adds up what all running guests are promised, have and take, with statistics or not', async () => {
    const tree = await KernelTree.of({
      '/proc/meminfo': MEMINFO,
      '/proc/vmstat': 'nr_free_pages 4096\n',
      '/proc/7/stat': stat(7, 10),
    });
    const guests = [
      reading(1, { pid: 7, balloon: { maximumKib: 4000, currentKib: 3000, rssKib: 500, other: {} } }),
      reading(2, { pid: 7, answer: 'stuck', balloon: { maximumKib: 2000, other: {} } }),
    ];
    expect(await collectHost(hostGuests, tree.host, guests)).toEqual({
      guests_running: 2,
      guests_memory_max: 6000,
      guests_memory_cur: 5000,
      guests_rss: 500 + 10 * 64,
      overcommit_ratio: 3,
    });
  });

  it('has no sum when the part of one guest is unknown', async () => {
    const tree = await KernelTree.of({ '/proc/meminfo': MEMINFO });
    const guests = [reading(3, { pid: null, balloon: { other: {} } })];
    expect(await collectHost(hostGuests, tree.host, guests)).toMatchObject({
      guests_running: 1,
      guests_memory_max: null,
      guests_memory_cur: null,
      guests_rss: null,
      overcommit_ratio: null,
    });
  });

  it('counts nothing for a process that has ended', async () => {
    const tree = await KernelTree.of({ '/proc/meminfo': MEMINFO, '/proc/vmstat': 'nr_free_pages 4096\n' });
    const guests = [reading(4, { pid: 9, balloon: { other: {} } })];
    expect(await collectHost(hostGuests, tree.host, guests)).toMatchObject({ guests_rss: 0 });
  });

  it('is unknown, not zero, while libvirt cannot be asked, except what the processes listed last occupy', async () => {
    const tree = await KernelTree.of({
      '/proc/meminfo': MEMINFO,
      '/proc/vmstat': 'nr_free_pages 4096\n',
      '/proc/7/stat': stat(7, 10),
    });
    expect(await collectHost(hostGuests, tree.host, [], false)).toEqual({ guests_rss: null });
    const collector = hostGuests.create(contextOf(tree.host));
    const guests = [reading(5, { pid: 7, startTicks: 100, balloon: { maximumKib: 4000, rssKib: 500, other: {} } })];
    expect(await collector.collect(NEVER_ABORTED, guests, true)).toMatchObject({ guests_running: 1, guests_rss: 500 });
    expect(await collector.collect(oneInterval(), [], false)).toEqual({ guests_rss: 640 });
    await tree.set('/proc/7/stat', stat(7, 10).replace(' 100 1024 ', ' 999 1024 '));
    expect(await collector.collect(oneInterval(), [], false)).toEqual({ guests_rss: 0 });
  });

  it('is zero, not unknown, without guests', async () => {
    const tree = await KernelTree.of({ '/proc/meminfo': MEMINFO });
    expect(await collectHost(hostGuests, tree.host)).toEqual({
      guests_running: 0,
      guests_memory_max: 0,
      guests_memory_cur: 0,
      guests_rss: 0,
      overcommit_ratio: 0,
    });
  });
});
