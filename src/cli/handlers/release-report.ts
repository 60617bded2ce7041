import type { ReleaseAnswer } from '../../control/api/releases.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { escapeControls } from '../../model/text.ts';

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
  const before = from === null ? 'an unknown size' : String(from);
  if (to !== null) {
    const rest = why === null ? '' : `, of ${String(max)}: ${why}`;
    return `${dryRun ? 'would get' : 'target set to'} ${to} KiB, from ${before}${rest}`;
  }
  return max === null ? `stays as it is: ${why ?? ''}` : `stays at ${before} of ${max} KiB: ${why ?? ''}`;
}

function summary(asked: number, left: number, dryRun: boolean): string {
  if (asked === 0) return 'no guest runs';
  const set = dryRun ? 'would be set' : 'set';
  if (left > 0)
    return `${left} of ${asked} ${asked === 1 ? 'guest' : 'guests'} ${dryRun ? 'would not be' : 'not'} set to the maximum`;
  return asked === 1 ? `1 guest, ${set} to its maximum` : `${asked} guests, all ${set} to their maximum`;
}
