import type { ReleaseAnswer } from '../../control/api/releases.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls } from '../../model/text.ts';
import { inUnit, shown, shownDistinct } from '../../tooling/explain/show.ts';

/** One line for each guest that lacked something, and a summary. `left`: guests that still lack something. */
export function releaseReport({ asked, guests, dry_run: dryRun }: ReleaseAnswer): {
  readonly text: string;
  readonly left: number;
} {
  const lines = guests.map((each) => `${safeGuestName(each.name)}: ${escapeControls(lineOf(each, dryRun))}`);
  const left = guests.filter(({ why }) => why !== null).length;
  return { text: [...lines, summary(asked, left, dryRun)].map((each) => `${each}\n`).join(''), left };
}

function lineOf({ from_kib: from, to_kib: to, max_kib: max, why }: ReleaseAnswer['guests'][number], dryRun: boolean) {
  const because = why === null ? '' : inUnit(why, 'KiB');
  if (to !== null) {
    const [before, after] = shownDistinct(from, to, 'KiB');
    const rest = why === null ? '' : `, of ${shown(max, 'KiB')}: ${because}`;
    return `${dryRun ? 'would get' : 'target set to'} ${after}, from ${from === null ? UNKNOWN : before}${rest}`;
  }
  if (max === null) return `stays as it is: ${because}`;
  const [before, most] = shownDistinct(from, max, 'KiB');
  return `stays at ${from === null ? UNKNOWN : before} of ${most}: ${because}`;
}

const UNKNOWN = 'an unknown size';

function summary(asked: number, left: number, dryRun: boolean): string {
  if (asked === 0) return 'no guest runs';
  const set = dryRun ? 'would be set' : 'set';
  if (left > 0)
    return `${left} of ${asked} ${asked === 1 ? 'guest' : 'guests'} ${dryRun ? 'would not be' : 'not'} set to the maximum`;
  return asked === 1 ? `1 guest, ${set} to its maximum` : `${asked} guests, all ${set} to their maximum`;
}
