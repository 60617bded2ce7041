import { safeGuestName } from '../model/guest-name.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { ActiveControllers } from './controllers.ts';
import { valueKey } from './control-values.ts';
import type { FoundValues } from './found-values.ts';

/** Guests that a message names. */
const NAMED = 10;

/** The guests that have less than they could get back, as one text, with what is known of the reason; null: none. */
export function belowMaximum(controllers: ActiveControllers, input: PolicyInput, found: FoundValues): string | null {
  const now = new Map(controllers.values(input).map((value) => [valueKey(value), value.value]));
  const below = controllers.release(input).flatMap(({ name: control, guest, value }) => {
    if (guest === null) return [];
    const before = found.of(guest.uuid);
    const first = before?.isAdopted === true ? before.values.get(control) : undefined;
    const size = now.get(valueKey({ control, guest }));
    const why = first === undefined || first === size ? '' : `, an earlier Ballast found it at ${String(first)}`;
    return [`${safeGuestName(guest.name)} (${String(size)} of ${String(value)} KiB${why})`];
  });
  if (below.length === 0) return null;
  const count = below.length === 1 ? '1 guest is below its maximum' : `${below.length} guests are below their maximum`;
  return `${count}: ${listed(below)}`;
}

export function listed(items: readonly string[]): string {
  const more = items.length - NAMED;
  return more <= 0 ? items.join(', ') : `${items.slice(0, NAMED).join(', ')} and ${more} more`;
}
