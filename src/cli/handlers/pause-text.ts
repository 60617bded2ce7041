import type { Pause } from '../../control/api/pauses.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { seconds } from '../support/units.ts';

export const SUBJECTS = { all: 'KSM and all balloons', ksm: 'KSM', balloons: 'all balloons' } as const;

/** `guest web-1 until …, by … since …`. */
export function pauseLine({ what, guest, since, until, by, reason }: Pause): string {
  const subject = what === 'guest' ? `guest ${safeGuestName(guest?.name ?? '?')}` : SUBJECTS[what];
  const end =
    until === null ? `until "ballast resume ${argumentOf(what, guest)}"` : `until ${until} (${leftText(until)})`;
  return `${subject} ${end}, by ${by} since ${since}${reason === null ? '' : `: ${reason}`}`;
}

function leftText(until: string): string {
  return `${seconds(Math.max(0, (Date.parse(until) - Date.now()) / 1000))} left`;
}

/** How the command line names it. */
function argumentOf(what: Pause['what'], guest: Pause['guest']): string {
  if (what !== 'guest' || guest === null) return what;
  return /^[\w.:-]+$/.test(guest.name) && !(guest.name in SUBJECTS) ? guest.name : `--guest ${guest.uuid}`;
}
