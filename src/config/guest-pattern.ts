import { matchesPattern } from '../model/guest-pattern.ts';
import type { BalloonMinRule } from './model.ts';

/** The lowest balloon that the config sets for a guest, KiB: the first rule that matches; null when none does. */
export function balloonMinFor(rules: readonly BalloonMinRule[], guestName: string): number | null {
  return rules.find((rule) => matchesPattern(rule.match, guestName))?.minKib ?? null;
}
