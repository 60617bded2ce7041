import { closest, distance } from 'fastest-levenshtein';

/** Among more names than this the search costs more than its answer is worth. */
const MANY = 5_000;

/** The known name that a misspelt one most likely means; null when none is close. */
export function near(name: string, known: readonly string[]): string | null {
  if (known.length === 0 || known.length > MANY || name.length > 100) return null;
  const best = closest(name, known);
  const [a, b] = [name.toLowerCase(), best.toLowerCase()];
  const allowed = sameLetters(a, b) ? 2 : Math.floor(name.length / 3);
  return distance(a, b) <= allowed ? best : null;
}

/** Two letters that changed places count as two changes, and are the commonest mistake. */
function sameLetters(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}
