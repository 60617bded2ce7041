import { excludedText } from './plain.ts';
import type { ReleasedGuest } from '../../daemon/release.ts';
import type { ReleaseAnswer } from '../api/releases.ts';

/** @param asked how many guests it is about */
export function releaseAnswer(asked: number, guests: readonly ReleasedGuest[], dryRun: boolean): ReleaseAnswer {
  return {
    asked,
    dry_run: dryRun,
    guests: guests.map(({ guest: { name, uuid }, from, to, wanted, why }) => ({
      ...{ name, uuid, from_kib: from, to_kib: to, max_kib: wanted },
      why: why === null ? null : excludedText(why),
    })),
  };
}
