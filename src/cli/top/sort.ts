import type { Guest } from '../../control/api/guests.ts';

/** What guests can be sorted by, in the order in which the key `s` goes through them. */
export const ORDERS = ['attention', 'name', 'size', 'change', 'max'] as const;
export type Order = (typeof ORDERS)[number];

/** Pain that is older than this is past, seconds. */
const RECENT_S = 60;

/** Largest or most urgent first; `name` is alphabetical. Guests that are equal are sorted by name. */
export function sorted(guests: readonly Guest[], order: Order, reversed: boolean): readonly Guest[] {
  const rank = RANKS[order];
  const keyed = guests.map((guest) => ({ guest, rank: rank(guest) }));
  const found = keyed
    .sort((one, other) => other.rank - one.rank || compare(one.guest.name, other.guest.name))
    .map(({ guest }) => guest);
  return reversed ? found.reverse() : found;
}

const RANKS: Readonly<Record<Order, (guest: Guest) => number>> = {
  attention: attentionOf,
  name: () => 0,
  size: ({ size_kib: kib }) => kib ?? -1,
  change: ({ size_kib: kib, wanted_kib: wanted }) => (kib === null || wanted === null ? -1 : Math.abs(wanted - kib)),
  max: ({ max_kib: kib }) => kib ?? -1,
};

function attentionOf({ pain_age_s: painS, paused, held, flags, excluded, state }: Guest): number {
  if (painS !== null && painS <= RECENT_S) return 6;
  if (flags.includes('stuck') || flags.includes('not-returned')) return 5;
  if (held.length > 0) return 4;
  if (paused !== null) return 3;
  if (excluded !== null) return 2;
  return painS !== null || (state !== null && state !== 'running') ? 1 : 0;
}

/** Not by the locale: the same on every host, and fast. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function nextOrder(order: Order): Order {
  return ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length]!;
}
