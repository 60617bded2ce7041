import { describe, expect, it } from 'vitest';
import { guestIoTune } from '../../../collectors/guest-io-tune.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';

const DISK = {
  name: 'vda',
  path: null,
  guaranteed: {},
  maximum: { total_iops_sec: 100 },
  current: { total_iops_sec: 0 },
};

describe('guest-io-tune', () => {
  it('returns the disks, and their present limits as text', async () => {
    const tuning = { ...NO_TUNING, readDisks: async () => [DISK] };
    expect(await collectGuest(guestIoTune, reading(1), { tuning })).toEqual({
      io_tune: JSON.stringify([DISK]),
      io_tune_current: 'vda total_iops_sec=0',
    });
  });

  it('returns nothing for a guest without limits in its metadata', async () => {
    expect(await collectGuest(guestIoTune, reading(1))).toEqual({});
  });
});
