import { describe, expect, it } from 'vitest';
import { known } from '../../../../src/doctor/facts.ts';
import { fact } from '../../../../src/doctor/gather/fact.ts';
import { hostFacts } from '../../../../src/doctor/gather/host.ts';
import { MemoryGroups } from '../../../../src/doctor/gather/memory-groups.ts';
import { ksmWriters } from '../../../../src/doctor/gather/ksm-writers.ts';
import { ksmRefusal } from '../../../../src/doctor/gather/permission.ts';
import { KernelTree } from '../../../support/kernel.ts';

const THP = '/sys/kernel/mm/transparent_hugepage';
const MEMINFO = 'MemTotal: 4194304 kB\nSwapTotal: 0 kB\nHugePages_Free: 3\nHugepagesize: 2048 kB\nHugetlb: 8192 kB\n';

describe('the facts of a host', () => {
  it('are read from the files of the kernel', async () => {
    const { host } = await KernelTree.of({
      '/sys/kernel/mm/ksm/run': '1\n',
      '/sys/kernel/mm/ksm/merge_across_nodes': '0\n',
      '/sys/devices/system/node/online': '0-1\n',
      [`${THP}/enabled`]: 'always [madvise] never\n',
      [`${THP}/khugepaged/max_ptes_none`]: '511\n',
      '/proc/meminfo': MEMINFO,
      '/proc/sys/vm/overcommit_memory': '2\n',
      '/proc/pressure/memory': 'some avg10=0.00\n',
    });
    expect(await hostFacts(host)).toEqual({
      ksmRun: known(1),
      ksmMergesAcrossNodes: known(0),
      ksmWriters: known([]),
      numaNodes: known(2),
      memory: known({ totalKib: 4_194_304, swapKib: 0, hugepagesKib: 8192, unusedHugepagesKib: 6144 }),
      transparentHugepages: known('madvise'),
      khugepagedEmptyPages: known(511),
      overcommitMode: known(2),
      hasPressure: known(true),
    });
  });

  it('tell what is absent from what cannot be read', async () => {
    const { host } = await KernelTree.of({
      '/proc/meminfo': '',
      '/sys/kernel/mm/ksm/run': `\u001b[31m${'9'.repeat(99)}`,
    });
    const facts = await hostFacts(host);
    expect(facts).toMatchObject({
      ksmMergesAcrossNodes: known(null),
      numaNodes: known(null),
      hasPressure: known(false),
    });
    expect(facts.memory).toEqual({ isKnown: false, why: '/proc/meminfo:1: expected MemTotal, found ""' });
    expect(facts.ksmRun).toEqual({
      isKnown: false,
      why: expect.stringMatching(/^\/sys\/kernel\/mm\/ksm\/run:1: expected a whole number, found "\\u001b.{1,80}$/),
    });
  });

  it('are given up when they take too long, and a bug is no fact', async () => {
    expect(await fact(new Promise(() => {}), 1)).toEqual({ isKnown: false, why: 'no answer within 0.001 s' });
    await expect(fact(Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});

describe('programs that write KSM settings', () => {
  it('are found as services, and by the names of their processes', async () => {
    const { host } = await KernelTree.of({
      '/sys/fs/cgroup/system.slice/ksmtuned.service/cgroup.procs': '12\n',
      '/proc/12/comm': 'ksmtuned\n',
      '/proc/90/comm': 'momd\n',
      '/proc/91/comm': 'not-momd\n',
      '/proc/self/comm': 'momd\n',
    });
    expect(await ksmWriters(host)).toEqual([
      { name: 'ksmtuned', service: 'ksmtuned', pid: null },
      { name: 'momd', service: null, pid: 90 },
    ]);
  });

  it('do not list the process of mom-vdsm twice', async () => {
    const { host } = await KernelTree.of({
      '/sys/fs/cgroup/system.slice/mom-vdsm.service/cgroup.procs': '12\n',
      '/proc/12/comm': 'momd\n',
    });
    expect(await ksmWriters(host)).toEqual([{ name: 'mom-vdsm', service: 'mom-vdsm', pid: null }]);
  });
});

describe('control groups with a limit', () => {
  it('are found in version 2, from the process upwards, and each file is read once', async () => {
    const { host } = await KernelTree.of({
      '/proc/7/cgroup': '0::/machine.slice/one.scope/libvirt\n',
      '/sys/fs/cgroup/machine.slice/one.scope/libvirt/memory.max': 'max\n',
      '/sys/fs/cgroup/machine.slice/one.scope/memory.high': '1048576\n',
      '/sys/fs/cgroup/machine.slice/memory.max': '4096\n',
    });
    const groups = new MemoryGroups(host);
    const expected = [
      { path: '/machine.slice/one.scope', file: '/sys/fs/cgroup/machine.slice/one.scope/memory.high', limitKib: 1024 },
      { path: '/machine.slice', file: '/sys/fs/cgroup/machine.slice/memory.max', limitKib: 4 },
    ];
    expect(await groups.of(7)).toEqual(expected);
    expect(await groups.of(7)).toEqual(expected);
  });

  it('are found in version 1, and beside it in version 2', async () => {
    const { host } = await KernelTree.of({
      '/proc/7/cgroup': '9:cpu,cpuacct:/machine\n4:memory:/machine\n0::/other\n',
      '/sys/fs/cgroup/cpu,cpuacct/machine/memory.limit_in_bytes': '1\n',
      '/sys/fs/cgroup/memory/machine/memory.limit_in_bytes': '2048\n',
      '/sys/fs/cgroup/unified/other/memory.max': '3072\n',
    });
    expect((await new MemoryGroups(host).of(7)).map(({ limitKib }) => limitKib)).toEqual([2, 3]);
  });

  it('are not followed out of the tree, nor however deep', async () => {
    const deep = `/${'d/'.repeat(5000)}x`;
    const { host } = await KernelTree.of({ '/proc/7/cgroup': `0::/../../etc\n1:memory:${deep}\nnonsense\n` });
    // A path that is longer than the kernel allows.
    await expect(new MemoryGroups(host).of(7)).rejects.toThrow(/ENAMETOOLONG/);
    expect(await new MemoryGroups(host).of(8)).toEqual([]);
  });
});

describe('the permission to write KSM settings', () => {
  it('is looked up without writing', async () => {
    const tree = await KernelTree.of({ '/sys/kernel/mm/ksm/run': '1\n' });
    expect(await ksmRefusal(tree.root)).toBeNull();
    expect(await tree.get('/sys/kernel/mm/ksm/run')).toBe('1\n');
    expect(await ksmRefusal('/nowhere')).toBeNull();
  });
});
