import { guestMeant, safeGuestName } from '../../model/guest-name.ts';
import type { GuestRef } from '../../model/control.ts';
import { unreadGuests } from '../../model/unread-guests.ts';
import { unreadGuest } from '../../daemon/release.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../api/releases.ts';
import { ApiError } from '../server/api-error.ts';
import { releaseAnswer } from '../views/release.ts';
import { guestNamed } from '../views/why.ts';
import { orRefused } from './or-refused.ts';
import type { ControlParts } from './parts.ts';

/** Guests that the log names. */
const NAMED = 10;

/** Gives guests back what their balloons took. @throws ApiError */
export async function release(
  { guests: names, dry_run: isTrial = false }: ReleaseRequest,
  { daemon, kept, running }: ControlParts,
  client: string,
  note: (what: string) => void,
): Promise<ReleaseAnswer> {
  const { last } = kept;
  if (last === null) throw new ApiError(409, 'no interval has finished yet; try again after the first');
  const { snapshot } = last.report;
  const ofAll = unreadGuests(snapshot.problems);
  if (ofAll !== undefined) throw new ApiError(503, `nothing was given back: ${ofAll.message}`);
  const unread = snapshot.problems.flatMap(({ guest, message }) =>
    guest === null || snapshot.guests.some(({ uuid }) => uuid === guest.uuid) ? [] : [{ guest, message }],
  );
  const all: readonly GuestRef[] = [...snapshot.guests, ...unread.map(({ guest }) => guest)];
  const chosen = new Set((names === undefined ? all : chosenFrom(names, all, kept)).map(({ uuid }) => uuid));
  const dryRun = isTrial || running.configuration.config.dryRun;
  const released = await orRefused(() =>
    daemon.release(chosen, { dryRun, reason: `released, asked for by ${client}` }),
  );
  kept.noteWrites(running.environment.clock.now(), released.outcomes);
  const missing = unread.filter(({ guest }) => chosen.has(guest.uuid)).map(({ guest, message }) => unreadGuest(guest, message)); // prettier-ignore
  const answer = releaseAnswer(chosen.size, [...released.guests, ...missing], dryRun);
  if (!dryRun) note(noteOf(answer, names));
  return answer;
}

function chosenFrom(names: readonly string[], running: readonly GuestRef[], kept: ControlParts['kept']) {
  return names.map((wanted) => {
    const found = running.find(guestMeant(wanted, running));
    if (found !== undefined) return found;
    const known = guestNamed(kept, wanted);
    throw new ApiError(404, 'unknown' in known ? known.unknown : `no guest ${safeGuestName(wanted)} runs any more`);
  });
}

function noteOf({ asked, guests }: ReleaseAnswer, names: readonly string[] | undefined): string {
  const shown = (names ?? []).slice(0, NAMED).map((name) => safeGuestName(name));
  const more = (names ?? []).length - shown.length;
  const whose =
    names === undefined ? `all guests (${asked})` : `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const left = guests.filter(({ why }) => why !== null);
  const first = left[0];
  const rest =
    first === undefined
      ? 'all are set to their maximum'
      : `${left.length} not set to the maximum, ${safeGuestName(first.name)} because: ${first.why}`;
  return `Release of ${whose}: ${rest}`;
}
