import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataFilter } from '../../../src/daemon/guest-metadata.ts';
import type { BalloonMinRule, MetadataRules } from '../../../src/config/model.ts';
import type { GuestLimits } from '../../../src/ports/guest-domain.ts';
import type { GuestMetadata, GuestReading } from '../../../src/ports/hypervisor.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { reading } from '../../support/builders.ts';

const MAXIMUM = 1_000_000;

interface Says {
  readonly own?: Partial<GuestMetadata>;
  readonly ovirt?: Partial<GuestLimits>;
  readonly minGuaranteeKib?: number;
}

const guest = ({ own, ovirt, minGuaranteeKib }: Says): GuestReading => ({
  ...reading(1),
  balloon: { currentKib: MAXIMUM, maximumKib: MAXIMUM, other: {} },
  minGuaranteeKib: minGuaranteeKib ?? null,
  metadata: own === undefined ? null : { balloonMinKib: null, ballooning: null, labels: '', ...own },
  ovirt: ovirt === undefined ? null : { balloonMinKib: null, ballooning: null, ...ovirt },
});

/** What remains of a guest's metadata, by default under the default rules. */
function remains(says: Says, rules: Partial<MetadataRules> = {}, balloonMin: readonly BalloonMinRule[] = []) {
  const guestMetadata = { ...defaultConfig().guestMetadata, ...rules };
  const { reading: left, cut } = metadataFilter({ guestMetadata, balloonMin })(guest(says));
  return { own: left.metadata, ovirt: left.ovirt, minGuaranteeKib: left.minGuaranteeKib, cut };
}

describe('the metadata of a guest', () => {
  it('may set a minimum of up to half of its maximum', () => {
    expect(remains({ own: { balloonMinKib: 500_000 } })).toMatchObject({ own: { balloonMinKib: 500_000 }, cut: [] });
    expect(remains({ own: { balloonMinKib: 500_001 } })).toMatchObject({
      own: { balloonMinKib: 500_000 },
      cut: [
        'its metadata asks for a balloon_min of 500001, and guests.metadata.min_up_to permits 500000, 50 % of its maximum 1000000',
      ],
    });
  });

  it('sets none where it may set none, and where its maximum is unknown', () => {
    expect(remains({ own: { balloonMinKib: 1 } }, { minUpTo: 0 })).toMatchObject({ own: { balloonMinKib: null } });
    const unknown = { ...guest({ own: { balloonMinKib: 1 } }), balloon: { other: {} } };
    const { reading: left } = metadataFilter({ ...defaultConfig() })(unknown);
    expect(left.metadata?.balloonMinKib).toBeNull();
  });

  it('does not lose what the operator gives it when its own minimum is cut', () => {
    const rules = [{ match: 'guest-*', minKib: 700_000 }];
    expect(remains({ own: { balloonMinKib: 900_000 } }, {}, rules)).toMatchObject({ own: { balloonMinKib: null } });
    expect(remains({ own: { balloonMinKib: 100_000 } }, {}, rules)).toMatchObject({ own: { balloonMinKib: 100_000 } });
  });

  it('may not set a minimum that virtio-mem would reach only when it is plugged', () => {
    const says = guest({ own: { balloonMinKib: 400_000 } });
    const { reading: left } = metadataFilter(defaultConfig())({
      ...says,
      balloon: { currentKib: 400_000, maximumKib: MAXIMUM, other: {} },
      domain: { ...says.domain!, notPluggedKib: 600_000 },
    });
    expect(left.metadata?.balloonMinKib).toBe(200_000);
  });

  it('may set the listed labels only', () => {
    const says = { own: { labels: 'db protected tier-1 tier-2' } };
    expect(remains(says)).toMatchObject({
      own: { labels: '' },
      cut: ['its metadata has labels that guests.metadata.labels does not permit: db, protected, tier-1, tier-2'],
    });
    expect(remains(says, { labels: ['db', 'tier-*'] })).toMatchObject({ own: { labels: 'db tier-1 tier-2' } });
    expect(remains(says, { labels: ['*'] })).toMatchObject({ own: { labels: 'db protected tier-1 tier-2' }, cut: [] });
    const many = Array.from({ length: 64 }, (_, at) => `l${at}`).join(' ');
    expect(remains({ own: { labels: many } }).cut).toEqual([
      expect.stringMatching(/: l0, l1, l2, l3, l4 and 59 more$/),
    ]);
  });

  it('may switch ballooning off, unless the config forbids it', () => {
    const says = { own: { ballooning: false, labels: 'no-ballooning' } };
    expect(remains(says)).toMatchObject({ own: { ballooning: false, labels: 'no-ballooning' }, cut: [] });
    // Whatever labels are permitted.
    expect(remains(says, { ballooningOff: false, labels: ['*'] })).toMatchObject({
      own: { ballooning: null, labels: '' },
      cut: [
        'its metadata switches ballooning off or is invalid, which guests.metadata.ballooning_off does not permit',
        'its metadata has labels that guests.metadata.labels does not permit: no-ballooning',
      ],
    });
  });

  it("counts with oVirt's element, up to its maximum, unless the config forbids it", () => {
    const says = { ovirt: { balloonMinKib: 750_000, ballooning: false } };
    expect(remains(says)).toMatchObject({ ovirt: says.ovirt, cut: [] });
    expect(remains({ ovirt: { balloonMinKib: 2_000_000 } })).toMatchObject({
      ovirt: { balloonMinKib: MAXIMUM },
      cut: ["oVirt's metadata asks for a balloon_min of 2000000, and it gets 1000000, 100 % of its maximum 1000000"],
    });
    expect(remains(says, { ovirt: false })).toMatchObject({
      ovirt: { balloonMinKib: null, ballooning: null },
      cut: [
        "oVirt's metadata says a balloon_min of 750000 and ballooning off, which guests.metadata.ovirt does not permit",
      ],
    });
  });

  it('has no say in min_guarantee', () => {
    const says = { minGuaranteeKib: 900_000, own: { balloonMinKib: 900_000 } };
    expect(remains(says)).toMatchObject({ minGuaranteeKib: 900_000, own: { balloonMinKib: 500_000 } });
  });

  it('never gets past the rules, whatever it says', () => {
    const kib = fc.option(fc.oneof(fc.nat(2 * MAXIMUM), fc.constant(2 ** 46)));
    const off = fc.constantFrom(true, false, null);
    const labels = fc.subarray(['a', 'b', 'no-ballooning', 'protected']).map((all) => all.sort().join(' '));
    const own = fc.record({ balloonMinKib: kib, ballooning: off, labels });
    const ovirt = fc.record({ balloonMinKib: kib, ballooning: off });
    const rules = fc.record({
      minUpTo: fc.double({ min: 0, max: 1, noNaN: true }),
      labels: fc.subarray(['a', 'b']),
      ballooningOff: fc.boolean(),
      ovirt: fc.boolean(),
    });
    fc.assert(
      fc.property(own, ovirt, rules, (mine, theirs, given) => {
        const left = remains({ own: mine, ovirt: theirs }, given);
        expect(left.own?.balloonMinKib ?? 0).toBeLessThanOrEqual(given.minUpTo * MAXIMUM);
        expect(left.ovirt?.balloonMinKib ?? 0).toBeLessThanOrEqual(given.ovirt ? MAXIMUM : 0);
        const permitted = [...given.labels, ...(given.ballooningOff ? ['no-ballooning'] : [])];
        for (const label of left.own!.labels.split(' ').filter(Boolean)) expect(permitted).toContain(label);
        if (!given.ballooningOff) expect(left.own?.ballooning).not.toBe(false);
        if (!given.ovirt) expect(left.ovirt?.ballooning).toBeNull();
        const isWhole = JSON.stringify([left.own, left.ovirt]) === JSON.stringify([mine, theirs]);
        if (left.cut.length === 0 && given.ovirt) expect(isWhole).toBe(true);
      }),
    );
  });
});
