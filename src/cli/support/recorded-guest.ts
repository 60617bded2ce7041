import { safeGuestName } from '../../model/guest-name.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { suggest } from '../../support/suggest.ts';

/** The recording does not contain the guest at that time. */
export class GuestNotFoundError extends OperatorError {}

/** @param time as in messages */
export function noSuchGuest(
  wanted: string,
  guests: readonly { readonly name: string }[],
  time: string,
): GuestNotFoundError {
  const present = guests.map(({ name }) => name).sort();
  const meant = suggest(wanted, present);
  const names = present.length === 0 ? 'there are no guests' : `there are ${present.map(safeGuestName).join(', ')}`;
  return new GuestNotFoundError(
    `there is no guest ${safeGuestName(wanted)} at ${time}${meant === null ? '' : `; did you mean ${safeGuestName(meant)}?`}; ${names}`,
  );
}
