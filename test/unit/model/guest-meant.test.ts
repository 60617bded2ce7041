import { expect, it } from 'vitest';
import { guestMeant } from '../../../src/model/guest-name.ts';

const UUID = '1c2e7a52-9f0d-4b53-8a5b-000000000001';
const OTHER = '1c2e7a52-9f0d-4b53-8a5b-000000000002';
const victim = { name: 'db-1', uuid: UUID };
const impostor = { name: UUID, uuid: OTHER };

it.each([
  ['a name', 'db-1', [impostor, victim], [victim]],
  ['a UUID, which another guest has as its name', UUID, [impostor, victim], [victim]],
  ['a name like a UUID that no guest has', UUID, [impostor], [impostor]],
  ['nothing that is there', 'db-2', [impostor, victim], []],
])('%s', (_, wanted, guests, meant) => {
  expect(guests.filter(guestMeant(wanted, [null, ...guests]))).toEqual(meant);
});
