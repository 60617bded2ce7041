import { describe, expect, it } from 'vitest';
import { hostKsm } from '../../../collectors/host-ksm.ts';
import { reading } from '../../support/builders.ts';
import type { FieldValues } from '../../../src/plugin/collector.ts';
import {
  collectHost,
  contextOf,
  fixtureHost,
  KernelTree,
  ManualClock,
  NEVER_ABORTED,
  oneInterval,
} from '../../support/kernel.ts';

describe('host-ksm', () => {
  it('has a field for every file of a real kernel', async () => {
    const host = fixtureHost('linux-6.18');
    const files = (await host.list('/sys/kernel/mm/ksm'))!.map((file) => `/sys/kernel/mm/ksm/${file}`);
    const sources = hostKsm.fields.map(({ source }) => source);
    expect(sources).toEqual(expect.arrayContaining(files));
    const values = await collectHost(hostKsm, host);
    expect(Object.values(values).filter((value) => value === null || value === undefined)).toEqual([]);
    expect(values).toMatchObject({
      ksm_run: 1,
      ksm_pages_to_scan: 20000,
      ksm_sleep_millisecs: 20,
      ksm_merge_across_nodes: 1,
      ksm_full_scans: 208,
      ksm_general_profit: -5482624,
      ksm_zero_pages: 0,
      ksm_pages_volatile: 85666,
      ksm_smart_scan: 1,
      ksm_advisor_mode: 'none',
      ksm_advisor_max_cpu: 70,
      ksm_advisor_target_scan_time: 200,
      ksm_pages_skipped: 16532618,
    });
  });

  it('returns nil for what an older kernel lacks', async () => {
    expect(await collectHost(hostKsm, fixtureHost('linux-5.10'))).toMatchObject({
      ksm_run: 1,
      ksm_pages_sharing: 36643,
      ksm_pages_shared: 7516,
      ksm_stable_node_dups: 37,
      ksm_smart_scan: null,
      ksm_advisor_mode: null,
      ksm_advisor_max_cpu: null,
      ksm_general_profit: null,
      ksm_zero_pages: null,
    });
  });

  it('returns nil for everything on a kernel without KSM', async () => {
    expect(await collectHost(hostKsm, fixtureHost('bare'), [reading(1)])).toEqual({});
  });

  it('adds up the address space of the guests with a known process', async () => {
    const guests = [
      reading(1, { pid: 2001 }),
      reading(2, { pid: 2002 }),
      reading(3, { pid: 31337 }),
      reading(4, { pid: null }),
    ];
    expect(await collectHost(hostKsm, fixtureHost('linux-5.10'), guests)).toMatchObject({
      ksm_shareable: (4096 + 2048) * 1024,
    });
    expect(await collectHost(hostKsm, fixtureHost('linux-5.10'))).toMatchObject({ ksm_shareable: 0 });
  });

  it('saves pages of the size that the kernel has, and nothing while no guest runs', async () => {
    const tree = await KernelTree.of({
      '/proc/meminfo': 'MemFree: 64000 kB\n',
      '/proc/vmstat': 'nr_free_pages 1000\n',
      '/sys/kernel/mm/ksm/run': '1\n',
      '/sys/kernel/mm/ksm/pages_sharing': '100\n',
    });
    expect(await collectHost(hostKsm, tree.host, [reading(1, { pid: null })])).toMatchObject({ ksm_saved: 6400 });
    expect(await collectHost(hostKsm, tree.host)).toMatchObject({ ksm_pages_sharing: 100, ksm_saved: 0 });
  });

  describe('while libvirt cannot be asked', () => {
    const ksm = (values: object) => ({ ksm_saved: null, ksm_shareable: null, ...values });

    it('knows neither what is saved nor what could be, before the guests were ever listed', async () => {
      const tree = await KernelTree.copyOf('linux-6.18');
      expect(await collectHost(hostKsm, tree.host, [], false)).toMatchObject(
        ksm({ ksm_run: 1, ksm_pages_sharing: expect.any(Number) as number }),
      );
    });

    it('counts the processes of the guests that were listed last, and which still run', async () => {
      const tree = await KernelTree.copyOf('linux-6.18');
      await tree.set('/sys/kernel/mm/ksm/pages_sharing', '100\n');
      const collector = hostKsm.create(contextOf(tree.host));
      const guests = [reading(1, { pid: 8986 }), reading(2, { pid: 8987 })];
      const saved = ({ ksm_saved, ksm_shareable }: FieldValues) => ({ ksm_saved, ksm_shareable });
      const known = saved(await collector.collect(NEVER_ABORTED, guests, true));
      expect(known).toEqual({ ksm_saved: 400, ksm_shareable: expect.any(Number) as number });
      expect(saved(await collector.collect(oneInterval(), [], false))).toEqual(known);
      await tree.remove('/proc/8986');
      await tree.remove('/proc/8987');
      expect(saved(await collector.collect(oneInterval(), [], false))).toEqual({ ksm_saved: 0, ksm_shareable: 0 });
    });
  });

  it('names running services that write KSM, and looks for them once a minute', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    const clock = new ManualClock();
    const collector = hostKsm.create(contextOf(tree.host, { now: clock.now }));
    const services = async (afterMs: number) => {
      clock.ms += afterMs;
      return (await collector.collect(NEVER_ABORTED, [], true)).ksm_services;
    };
    await tree.set('/sys/fs/cgroup/system.slice/momd.service/cgroup.procs', '');
    expect(await services(0)).toBe('');
    await tree.set('/sys/fs/cgroup/system.slice/ksmtuned.service/cgroup.procs', '1234\n1240\n');
    await tree.set('/sys/fs/cgroup/systemd/system.slice/mom-vdsm.service/cgroup.procs', '99\n');
    expect(await services(59_000)).toBe('');
    expect(await services(1000)).toBe('ksmtuned mom-vdsm');
    // A directory in place of the file.
    await tree.remove('/sys/fs/cgroup/system.slice/momd.service/cgroup.procs');
    await tree.set('/sys/fs/cgroup/system.slice/momd.service/cgroup.procs/file', '');
    expect(await services(60_000)).toBeNull();
  });

  it('fails with file and line when a file is invalid', async () => {
    await expect(collectHost(hostKsm, fixtureHost('odd-lines'))).rejects.toThrow(
      '/sys/kernel/mm/ksm/run:1: expected a whole number, found "yes"',
    );
  });

  describe('the CPU time of ksmd', () => {
    const ksmd = (pid: number, parent: number, ticks: number, started = 26) =>
      `${pid} (ksmd) S ${parent} 0 0 0 -1 2097216 0 0 0 0 0 ${ticks} 0 0 25 5 1 0 ${started} 0 0 18446744073709551615\n`;

    async function watched() {
      const tree = await KernelTree.copyOf('linux-5.10');
      const clock = new ManualClock();
      const collector = hostKsm.create(contextOf(tree.host, { now: clock.now }));
      const usage = async (afterMs: number) => {
        clock.ms += afterMs;
        return (await collector.collect(NEVER_ABORTED, [], true)).ksmd_cpu_usage;
      };
      return { tree, usage };
    }

    it('is 0 in the first sample and percent of one CPU in later ones', async () => {
      const { tree, usage } = await watched();
      expect(await usage(0)).toBe(0);
      await tree.set('/proc/41/stat', ksmd(41, 2, 4500 + 250));
      expect(await usage(5000)).toBe(50);
      expect(await usage(5000)).toBe(0);
    });

    it('ignores other programs named ksmd', async () => {
      const { tree, usage } = await watched();
      await tree.remove('/proc/41');
      expect(await usage(0)).toBeNull();
    });

    it('finds the thread again when its pid was reused', async () => {
      const { tree, usage } = await watched();
      expect(await usage(0)).toBe(0);
      await tree.remove('/proc/41');
      await tree.set('/proc/43/stat', ksmd(43, 2, 10, 900));
      expect(await usage(600_000)).toBe(0);
      await tree.set('/proc/43/stat', ksmd(43, 2, 110, 900));
      expect(await usage(10_000)).toBe(10);
    });

    it('does not search all of /proc each time when there is no ksmd', async () => {
      const { tree, usage } = await watched();
      await tree.remove('/proc/41');
      expect(await usage(0)).toBeNull();
      await tree.set('/proc/41/stat', ksmd(41, 2, 10));
      expect(await usage(5000)).toBeNull();
      expect(await usage(600_000)).toBe(0);
    });
  });
});
