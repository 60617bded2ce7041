import type { Status } from '../../control/api/status.ts';
import { count } from './units.ts';

const HEALTH: Readonly<Record<Status['health'], string>> = {
  ok: 'ok',
  starting: 'starting, no interval has finished yet',
  problems: 'PROBLEMS',
  // What is paused follows, as it does for a part.
  paused: '',
  stopped: 'STOPPED',
  late: 'LATE: no interval has finished lately',
};

/** `ok; PAUSED: KSM, 2 guests; DRY RUN`: what keeps Ballast from writing stands in the first line, whatever else is well. */
export function healthText({ health, pauses, dry_run: dryRun, records_only: recordsOnly }: Status): string {
  const paused = pausedText(pauses);
  return [HEALTH[health], paused && `PAUSED: ${paused}`, dryRun && (recordsOnly ? 'only records' : 'DRY RUN')]
    .filter((part) => part !== '' && part !== false)
    .join('; ');
}

function pausedText(pauses: Status['pauses']): string {
  const has = (part: Status['pauses'][number]['what']): boolean => pauses.some(({ what }) => what === part);
  const [ksm, balloons] = [has('all') || has('ksm'), has('all') || has('balloons')];
  if (ksm && balloons) return 'KSM and all balloons';
  const guests = pauses.filter(({ what }) => what === 'guest').length;
  return [ksm && 'KSM', balloons ? 'all balloons' : guests > 0 && count(guests, 'guest')]
    .filter((part) => part !== false)
    .join(', ');
}
