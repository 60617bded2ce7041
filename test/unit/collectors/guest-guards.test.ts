import { describe, expect, it } from 'vitest';
import { guestGuards } from '../../../collectors/guest-guards.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest, fixtureHost } from '../../support/kernel.ts';
import { SmallWorld } from '../../support/small-world.ts';

const GIB = 1_048_576;

describe('guest-guards', () => {
  it('has a value of the guards for each of its fields, and they have no others', () => {
    const world = new SmallWorld({ totalKib: 32 * GIB, guests: [{ name: 'a', maxKib: 8 * GIB, usedKib: GIB }] });
    world.run(1);
    expect(Object.keys(world.verdicts('a')).sort()).toEqual(guestGuards.fields.map(({ name }) => name).sort());
    expect(world.verdicts('a')).toEqual({
      balloon_stuck: false,
      memory_not_returned: false,
      figures_doubted: false,
      pain_age: null,
      granted: 0,
    });
  });

  it('tells policies of a balloon that does not follow, of a liar and of a guest in pain', () => {
    const world = new SmallWorld({
      totalKib: 32 * GIB,
      policy: '(with Guests vm (vm.Control "balloon_target" (* 0.9 vm.balloon_cur)))',
      guests: [
        { name: 'deaf', maxKib: 8 * GIB, usedKib: GIB, balloon: 'deaf' },
        { name: 'keeping', maxKib: 8 * GIB, usedKib: GIB, balloon: 'keeping' },
        { name: 'liar', maxKib: 4 * GIB, usedKib: GIB, lies: { mem_unused: 4 * GIB } },
        { name: 'hurt', maxKib: 4 * GIB, sizeKib: 2 * GIB, usedKib: GIB },
      ],
    });
    world.run(2);
    world.guest('hurt').usedKib = 2.2 * GIB;
    world.run(10);
    expect(world.verdicts('deaf')).toMatchObject({ balloon_stuck: true });
    expect(world.verdicts('keeping')).toMatchObject({ memory_not_returned: true });
    expect(world.verdicts('liar')).toMatchObject({ figures_doubted: true });
    expect(world.verdicts('hurt')).toEqual({
      balloon_stuck: false,
      memory_not_returned: false,
      figures_doubted: false,
      pain_age: expect.any(Number),
      granted: expect.any(Number),
    });
  });

  it('reads them by the uuid of the guest', async () => {
    const verdicts = (uuid: string) => ({ balloon_stuck: uuid === reading(1).uuid });
    const host = fixtureHost('linux-6.18');
    expect(await collectGuest(guestGuards, reading(1), { host, verdicts })).toEqual({ balloon_stuck: true });
    expect(await collectGuest(guestGuards, reading(2), { host, verdicts })).toEqual({ balloon_stuck: false });
  });
});
