import { describe, expect, it } from 'vitest';
import { guestBalloon } from '../../../collectors/guest-balloon.ts';
import type { GuestReading } from '../../../src/ports/hypervisor.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';

const collect = (changes: Partial<GuestReading>, config: number | null = null) =>
  collectGuest(guestBalloon, reading(1, changes), {
    balloonMinKib: (name) => (name === 'guest-1' ? config : null),
  });

describe('guest-balloon', () => {
  it('returns size and maximum', async () => {
    expect(await collect({ balloon: { currentKib: 300000, maximumKib: 524288, other: {} } })).toMatchObject({
      balloon_cur: 300000,
      balloon_max: 524288,
    });
  });

  it('omits what libvirt does not report, so that the guest is excluded from the policy', async () => {
    expect((await collect({})).balloon_cur).toBeUndefined();
    expect(guestBalloon.fields.filter(({ optional }) => !optional).map(({ name }) => name)).toContain('balloon_cur');
  });

  it.each([
    [
      'min_guarantee',
      { minGuaranteeKib: 1000, metadata: { balloonMinKib: 2000, ballooning: null, labels: '' } },
      3000,
      1000,
    ],
    ['metadata', { metadata: { balloonMinKib: 2000, ballooning: null, labels: '' } }, 3000, 2000],
    ['config', { metadata: { balloonMinKib: null, ballooning: null, labels: '' } }, 3000, 3000],
    ['config', {}, 3000, 3000],
    ['none', {}, null, 0],
  ] as const)('takes the minimum from %s, the first source that has one', async (source, changes, config, kib) => {
    expect(await collect(changes, config)).toMatchObject({ balloon_min: kib, balloon_min_source: source });
  });

  it('accepts 0 as a minimum', async () => {
    expect(await collect({ minGuaranteeKib: 0 }, 3000)).toMatchObject({
      balloon_min: 0,
      balloon_min_source: 'min_guarantee',
    });
  });
});
