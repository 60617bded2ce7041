import type { PolicyScalar } from '../model/control.ts';
import { safeGuestName } from '../model/guest-name.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import { sizeText } from '../policy/functions/format.ts';
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
    const why = first === undefined || first === size ? '' : `, an earlier Ballast found it at ${textOf(first)}`;
    return [`${safeGuestName(guest.name)} (${differing(size, value)}${why})`];
  });
  if (below.length === 0) return null;
  const count = below.length === 1 ? '1 guest is below its maximum' : `${below.length} guests are below their maximum`;
  return `${count}: ${listed(below)}`;
}

/** `512 MiB of 1 GiB`; in KiB where these would look the same. */
function differing(size: PolicyScalar | undefined, most: PolicyScalar): string {
  const texts = [textOf(size), textOf(most)];
  return texts[0] === texts[1] ? `${String(size)} of ${String(most)} KiB` : texts.join(' of ');
}

function textOf(kib: PolicyScalar | undefined): string {
  return typeof kib === 'number' ? sizeText(kib) : String(kib);
}

export function listed(items: readonly string[]): string {
  const more = items.length - NAMED;
  return more <= 0 ? items.join(', ') : `${items.slice(0, NAMED).join(', ')} and ${more} more`;
}
