import { closest, distance } from 'fastest-levenshtein';

/** The known name that a misspelt one most likely means; null when none is close. */
export function near(name: string, known: readonly string[]): string | null {
  if (known.length === 0 || name.length > 100) return null;
  const best = closest(name, known);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.floor(name.length / 3) ? best : null;
}
