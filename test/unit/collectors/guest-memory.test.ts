import { describe, expect, it } from 'vitest';
import { guestMemory } from '../../../collectors/guest-memory.ts';
import type { BalloonReading } from '../../../src/ports/hypervisor.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest, START_MS } from '../../support/kernel.ts';

const collect = (balloon: Partial<BalloonReading>) =>
  collectGuest(guestMemory, reading(1, { balloon: { other: {}, ...balloon } }));

describe('guest-memory', () => {
  it("returns all values of libvirt's balloon group", async () => {
    const values = await collect({
      availableKib: 500000,
      unusedKib: 300000,
      usableKib: 350000,
      diskCachesKib: 60000,
      swapInKib: 1,
      swapOutKib: 2,
      majorFaults: 3,
      minorFaults: 4,
      hugetlbPagesAllocated: 5,
      hugetlbPagesFailed: 6,
      rssKib: 7,
      lastUpdateS: START_MS / 1000 - 3,
    });
    expect(values).toMatchObject({
      mem_available: 500000,
      mem_unused: 300000,
      usable: 350000,
      mem_used: 150000,
      disk_caches: 60000,
      swap_in: 1,
      swap_out: 2,
      major_fault: 3,
      minor_fault: 4,
      hugetlb_pgalloc: 5,
      hugetlb_pgfail: 6,
      balloon_rss: 7,
      stats_age: 3,
      last_update: START_MS / 1000 - 3,
    });
  });

  it('does not know what is used of a guest that does not report what is usable', async () => {
    expect((await collect({ availableKib: 5, unusedKib: 3 })).mem_used).toBeNull();
  });

  it.each(['oom_kill', 'balloon.oom_kill', 'balloon.oom-kills', 'stat-oom-kills'])(
    'finds a newer statistic under the name %s',
    async (key) => {
      const values = await collect({ other: { 'balloon.unknown': 1, [key]: 9 } });
      expect(values.oom_kill).toBe(9);
      expect(values.alloc_stall).toBeUndefined();
    },
  );

  it('distinguishes "never reported" from "just reported"', async () => {
    expect((await collect({})).stats_age).toBeNull();
    expect(await collect({ lastUpdateS: 0 })).toMatchObject({ stats_age: null, last_update: null });
    expect((await collect({ lastUpdateS: START_MS / 1000 })).stats_age).toBe(0);
  });

  it('excludes a guest without the two values that policies calculate with', async () => {
    expect(guestMemory.fields.filter(({ optional }) => !optional).map(({ name }) => name)).toEqual([
      'mem_available',
      'mem_unused',
    ]);
    expect((await collect({ availableKib: 1 })).mem_unused).toBeUndefined();
  });
});
