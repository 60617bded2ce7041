import { describe, expect, it } from 'vitest';
import { hostCpu } from '../../../collectors/host-cpu.ts';
import { collectHost, fixtureHost } from '../../support/kernel.ts';

describe('host-cpu', () => {
  it('counts the online CPUs', async () => {
    expect(await collectHost(hostCpu, fixtureHost('linux-6.18'))).toEqual({ cpu_count: 2 });
    expect(await collectHost(hostCpu, fixtureHost('linux-5.10'))).toEqual({ cpu_count: 16 });
  });

  it('returns nil without sysfs and fails when the list is invalid', async () => {
    expect(await collectHost(hostCpu, fixtureHost('bare'))).toEqual({ cpu_count: null });
    await expect(collectHost(hostCpu, fixtureHost('odd-lines'))).rejects.toThrow(
      '/sys/devices/system/cpu/online:1: expected a list',
    );
  });
});
