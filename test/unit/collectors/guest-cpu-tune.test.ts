import { describe, expect, it } from 'vitest';
import { guestCpuTune } from '../../../collectors/guest-cpu-tune.ts';
import { HypervisorError } from '../../../src/ports/hypervisor.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';

describe('guest-cpu-tune', () => {
  it("returns libvirt's limits under MOM's names", async () => {
    const tuning = {
      ...NO_TUNING,
      readCpu: async () => ({ quotaUs: 5000, periodUs: 10_000, vcpus: 4, userLimit: 50 }),
    };
    expect(await collectGuest(guestCpuTune, reading(1), { tuning })).toEqual({
      vcpu_quota: 5000,
      vcpu_period: 10_000,
      vcpu_user_limit: 50,
      vcpu_count: 4,
    });
  });

  it('fails with the reason of libvirt', async () => {
    const tuning = { ...NO_TUNING, readCpu: () => Promise.reject(new HypervisorError('refused', 'no cpu cgroup')) };
    await expect(collectGuest(guestCpuTune, reading(1), { tuning })).rejects.toThrow('no cpu cgroup');
  });
});
