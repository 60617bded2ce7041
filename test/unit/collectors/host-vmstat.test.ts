import { describe, expect, it } from 'vitest';
import { hostVmstat } from '../../../collectors/host-vmstat.ts';
import { collectHost, contextOf, fixtureHost, KernelTree, ManualClock, oneInterval } from '../../support/kernel.ts';

describe('host-vmstat', () => {
  it('has no rates in the first sample', async () => {
    const values = await collectHost(hostVmstat, fixtureHost('linux-6.18'));
    expect(new Set(Object.values(values))).toEqual(new Set([null]));
  });

  it('has every rate of a real kernel in the second', async () => {
    const clock = new ManualClock();
    const { collect } = hostVmstat.create(contextOf(fixtureHost('linux-6.18'), { now: clock.now }));
    await collect(oneInterval());
    clock.ms += 1000;
    expect(Object.values(await collect(oneInterval()))).toEqual(hostVmstat.fields.map(() => 0));
  });

  it('returns the increase per second, summed over the zones', async () => {
    const tree = await KernelTree.copyOf('linux-5.10');
    const clock = new ManualClock();
    const { collect } = hostVmstat.create(contextOf(tree.host, { now: clock.now }));
    await collect(oneInterval());
    clock.ms += 4000;
    const later = (await tree.get('/proc/vmstat'))
      .replace('pswpin 1200', 'pswpin 1300')
      .replace('oom_kill 2', 'oom_kill 3')
      .replace('allocstall_normal 40', 'allocstall_normal 42')
      .replace('allocstall_movable 57', 'allocstall_movable 63')
      .replace('pgscan_direct 12000', 'pgscan_direct 12004')
      .replace('pgscan_direct_throttle 0', 'pgscan_direct_throttle 999');
    await tree.set('/proc/vmstat', later);
    expect(await collect(oneInterval())).toEqual({
      pswpin_rate: 25,
      pswpout_rate: 0,
      pgmajfault_rate: 0,
      pgscan_kswapd_rate: 0,
      pgscan_direct_rate: 1,
      pgsteal_kswapd_rate: 0,
      pgsteal_direct_rate: 0,
      allocstall_rate: 2,
      oom_kill_rate: 0.25,
      cow_ksm_rate: null,
    });
  });

  it('reads the single counter of old kernels', async () => {
    const tree = await KernelTree.of({ '/proc/vmstat': 'allocstall 10\n' });
    const clock = new ManualClock();
    const { collect } = hostVmstat.create(contextOf(tree.host, { now: clock.now }));
    await collect(oneInterval());
    clock.ms += 2000;
    await tree.set('/proc/vmstat', 'allocstall 14\n');
    expect(await collect(oneInterval())).toMatchObject({ allocstall_rate: 2 });
  });

  it('returns nil without the file and fails with the line when a value is invalid', async () => {
    expect(await collectHost(hostVmstat, (await KernelTree.of({})).host)).toEqual({});
    await expect(collectHost(hostVmstat, fixtureHost('odd-lines'))).rejects.toThrow(
      '/proc/vmstat:1: expected a whole number, found "twelve"',
    );
  });
});
