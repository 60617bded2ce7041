import { describe, expect, it } from 'vitest';
import { guestQemuProcess } from '../../../collectors/guest-qemu-process.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest, contextOf, fixtureHost, KernelTree, ManualClock } from '../../support/kernel.ts';

const collect = (tree: Parameters<typeof fixtureHost>[0], pid: number | null) =>
  collectGuest(guestQemuProcess, reading(1, { pid }), { host: fixtureHost(tree) });

describe('guest-qemu-process', () => {
  it('reads the files of a real QEMU process', async () => {
    expect(await collect('linux-6.18', 8986)).toEqual({
      rss: 44595,
      uptime: null,
      host_minor_faults: 0,
      host_major_faults: 0,
      ksm_merging_pages: 0,
      ksm_process_profit: -2298944,
      ksm_rmap_items: 35921,
    });
  });

  it('returns nil for what an older kernel lacks', async () => {
    const values = await collect('linux-5.10', 2001);
    expect(values).toMatchObject({ rss: 600000, host_minor_faults: 0 });
    expect(values.ksm_merging_pages).toBeUndefined();
  });

  it('returns nil for everything when the process is unknown or has ended', async () => {
    expect(await collect('linux-6.18', null)).toEqual({});
    expect(await collect('linux-6.18', 31337)).toEqual({});
  });

  it('fails and names the file when its line is invalid', async () => {
    await expect(collect('odd-lines', 77)).rejects.toThrow('/proc/77/stat:1: expected at least 10 columns');
    await expect(collect('odd-lines', 78)).rejects.toThrow('/proc/78/stat:1: expected a command in parentheses');
  });

  it('counts faults between two samples, separately for each guest and process', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    const clock = new ManualClock();
    const collector = guestQemuProcess.create(contextOf(tree.host, { now: clock.now }));
    const faults = async (pid: number, number = 1) =>
      (await collector.collect(reading(number, { pid }), new AbortController().signal)).host_minor_faults;
    expect(await faults(2001)).toBe(0);
    expect(await faults(2002, 2)).toBe(0);
    clock.ms += 5000;
    await tree.set('/proc/2001/stat', (await tree.get('/proc/2001/stat')).replace(' 250000 ', ' 250900 '));
    expect(await faults(2001)).toBe(900);
    expect(await faults(2002, 2)).toBe(0);
    clock.ms += 5000;
    const restarted = (await tree.get('/proc/2001/stat'))
      .replace(' 250900 ', ' 999999 ')
      .replace(' 181498 ', ' 999000 ');
    await tree.set('/proc/2001/stat', restarted);
    expect(await faults(2001)).toBe(0);
  });
});
