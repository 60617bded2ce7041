import { safeGuestName } from '../../model/guest-name.ts';

export function guestLabel(name: string | null): string {
  return name === null ? 'the host' : `guest ${safeGuestName(name)}`;
}
