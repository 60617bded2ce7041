import { expect, it } from 'vitest';
import { SmallWorld } from '../../support/small-world.ts';

const GIB = 1_048_576;
const POLICY = '(with Guests vm (vm.Control "balloon_target" (* 0.95 vm.balloon_cur)))';

// A guest that leaves a mandatory statistic out of its reports is not in the snapshot.
it('a liar that is in one snapshot of a minute keeps nobody without protection for longer than another one', () => {
  const world = new SmallWorld({
    totalKib: 16 * GIB,
    policy: POLICY,
    settings: { returns: { enabled: false } },
    guests: [
      {
        ...{ name: 'liar', maxKib: 12 * GIB, sizeKib: 6 * GIB, usedKib: GIB, balloon: 'deaf' },
        lies: { usable: 100_000, mem_unused: 100_000 },
      },
      { name: 'bursts', maxKib: 12 * GIB, sizeKib: 5 * GIB, usedKib: 4 * GIB },
      { name: 'other', maxKib: 12 * GIB, sizeKib: 4 * GIB, usedKib: GIB },
    ],
  });
  const liar = world.guest('liar');
  for (let turn = 0; turn < 240; turn++) {
    if (turn === 150) world.guest('bursts').usedKib = GIB;
    if (turn % 12 === 0 && turn > 0) world.guests.push(liar);
    // The host is always full.
    world.otherKib += world.freeKib - GIB / 2;
    world.turn();
    if (turn % 12 === 0) world.remove('liar');
  }
  expect(world.guest('bursts').sizeKib).toBeGreaterThan(4.4 * GIB);
});
