import { describe, expect, it } from 'vitest';
import { guestAgent } from '../../../collectors/guest-agent.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest, contextOf, fixtureHost, ManualClock, NEVER_ABORTED } from '../../support/kernel.ts';

const MEMINFO =
  'MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\nSwapTotal: 50 kB\nSwapFree: 40 kB\n';
const files = (meminfo: string, vmstat: () => string) => ({
  readFile: async (_guest: unknown, path: string) => (path === '/proc/meminfo' ? meminfo : vmstat()),
});

describe('guest-agent', () => {
  it("returns MOM's figures, and what was swapped since the sample before", async () => {
    let swapped = 7;
    const clock = new ManualClock();
    const agent = files(MEMINFO, () => `pgfault 900\npgmajfault 9\npswpin ${swapped}\npswpout 0\n`);
    const { collect } = guestAgent.create(contextOf(fixtureHost('bare'), { agent, now: clock.now }));
    expect(await collect(reading(1), NEVER_ABORTED)).toEqual({
      agent_mem_available: 1000,
      agent_mem_unused: 100,
      agent_mem_free: 420,
      agent_swap_total: 50,
      agent_swap_usage: 10,
      agent_swap_in: null,
      agent_swap_out: null,
      agent_major_fault: 9,
      agent_minor_fault: 900,
    });
    swapped = 10;
    clock.ms += 1000;
    expect(await collect(reading(1), NEVER_ABORTED)).toMatchObject({ agent_swap_in: 3, agent_swap_out: 0 });
  });

  it('has nothing where the guest says nothing', async () => {
    const values = await collectGuest(guestAgent, reading(1), { agent: files('', () => '') });
    expect(Object.values(values).every((value) => value === null || value === undefined)).toBe(true);
  });

  it('fails with the place of what is no number', async () => {
    const agent = files('MemTotal: lots\n', () => '');
    await expect(collectGuest(guestAgent, reading(1), { agent })).rejects.toThrow('/proc/meminfo:1: expected MemTotal');
  });
});
