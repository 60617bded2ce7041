import type { BalloonMinRule } from './model.ts';

/**
 * Does a guest's name match a pattern in which `*` stands for any text and `?` for one character? All other
 * characters stand for themselves. Only the last `*` is ever taken back, so the time is at most the product of the
 * two lengths, whatever the pattern.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = Array.from(pattern);
  const given = Array.from(name);
  let p = 0;
  let n = 0;
  let star = -1;
  let resumeAt = 0;
  while (n < given.length) {
    if (wanted[p] === '*') {
      star = p++;
      resumeAt = n;
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resumeAt;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p++;
  return p === wanted.length;
}

/** The lowest balloon that the config sets for a guest, KiB: the first rule that matches; null when none does. */
export function balloonMinFor(rules: readonly BalloonMinRule[], guestName: string): number | null {
  return rules.find((rule) => matchesPattern(rule.match, guestName))?.minKib ?? null;
}
