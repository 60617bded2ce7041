import { distance } from 'fastest-levenshtein';

/** Above this number of candidates, the search is too slow to be worthwhile. */
const MAX_CANDIDATES = 5_000;
/** Longer names are not checked. */
const MAX_LENGTH = 100;

/**
 * The most similar candidate for a misspelt name. At most a third of the letters may differ, and at least one in names of three
 * and more. Two transposed letters, the most common mistake, count as one.
 * Ignores case, dashes, dots, spaces and underscores.
 * @returns null if no candidate is similar enough
 */
export function suggest(name: string, candidates: readonly string[]): string | null {
  if (candidates.length > MAX_CANDIDATES || name.length > MAX_LENGTH) return null;
  const wanted = folded(name);
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const other = folded(candidate);
    const allowed = Math.min(allowedFor(name, candidate), fewest - 1);
    if (Math.abs(other.length - wanted.length) > allowed) continue;
    const changes = changesBetween(wanted, other);
    if (changes > allowed) continue;
    best = candidate;
    fewest = changes;
  }
  return best;
}

/** Names of one or two letters are similar too often: only case and letter order may differ. */
function allowedFor(a: string, b: string): number {
  const [shorter, longer] = [Math.min(a.length, b.length), Math.max(a.length, b.length)];
  if (longer < 3) return sorted(a.toLowerCase()) === sorted(b.toLowerCase()) ? 1 : 0;
  return Math.max(1, Math.floor(shorter / 3));
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[-_. ]+/g, '') || name;
}

function changesBetween(a: string, b: string): number {
  const changes = distance(a, b);
  return changes === 2 && sorted(a) === sorted(b) ? 1 : changes;
}

function sorted(letters: string): string {
  return [...letters].sort().join('');
}
