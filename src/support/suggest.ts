import { distance } from 'fastest-levenshtein';

/** Among more names than this the search costs more than its answer is worth. */
const MAX_CANDIDATES = 5_000;
/** A longer name is no misspelling of a name that people write. */
const MAX_LENGTH = 100;

/**
 * The candidate that a misspelt name most likely means: at most a third of its letters (of three and more: at least one)
 * differ. Two letters that changed places, the commonest mistake, count as one.
 * Capitals, dashes, dots, spaces and underscores do not count.
 * @returns null when none is close
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

/** Names of one or two letters resemble each other too often: only capitals and the order of the letters may differ. */
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
