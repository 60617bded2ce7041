import { HypervisorError } from '../../src/ports/hypervisor.ts';
import type { Tuning } from '../../src/ports/tuning.ts';

const refused = (): Promise<never> => Promise.reject(new HypervisorError('refused', 'this test changes no limits'));

/** For tests without CPU and disk limits: guests have none, and none are set. */
export const NO_TUNING: Tuning = {
  readCpu: async () => ({ quotaUs: -1, periodUs: 100_000, vcpus: 1, userLimit: 100 }),
  readDisks: async () => null,
  setCpu: refused,
  setDisk: refused,
};
