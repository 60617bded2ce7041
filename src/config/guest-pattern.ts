import { matchesPattern } from '../model/guest-pattern.ts';
import type { BalloonMinRule } from './model.ts';

/** The minimum balloon size configured for a guest, KiB: the first matching rule; null if none matches. */
export function balloonMinFor(rules: readonly BalloonMinRule[], guestName: string): number | null {
  return rules.find((rule) => matchesPattern(rule.match, guestName))?.minKib ?? null;
}

export function matchesAny(patterns: readonly string[], guestName: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, guestName));
}
