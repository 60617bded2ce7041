import { closest, distance } from 'fastest-levenshtein';

/** Among more names than this the search costs more than its answer is worth. */
const MANY = 5_000;

/** The known name that a misspelt one most likely means; null when none is close. */
export function near(name: string, known: readonly string[]): string | null {
  if (known.length === 0 || known.length > MANY || name.length > 100) return null;
  const best = closest(name, known);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.floor(name.length / 3) ? best : null;
}
