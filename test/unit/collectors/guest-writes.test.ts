import { expect, it } from 'vitest';
import { guestWrites } from '../../../collectors/guest-writes.ts';
import { BalloonWrites } from '../../../src/engine/balloon-writes.ts';
import { reading } from '../../support/builders.ts';
import { collectGuest } from '../../support/kernel.ts';

it('has the fields that Ballast knows of its writes, and no others', () => {
  expect(Object.keys(new BalloonWrites().fields('a', 0)).sort()).toEqual(
    guestWrites.fields.map(({ name }) => name).sort(),
  );
});

it('reads them by the uuid of the guest, at this time', async () => {
  const writes = (uuid: string, nowMs: number) => ({
    last_target: uuid === reading(1).uuid ? 7 : null,
    last_target_age: nowMs,
  });
  expect(await collectGuest(guestWrites, reading(1), { writes, now: () => 5 })).toEqual({
    last_target: 7,
    last_target_age: 5,
  });
  expect(await collectGuest(guestWrites, reading(2), { writes, now: () => 6 })).toEqual({
    last_target: null,
    last_target_age: 6,
  });
});
