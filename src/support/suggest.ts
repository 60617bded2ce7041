import { distance } from 'fastest-levenshtein';

/** Among more names than this the search costs more than its answer is worth. */
const MAX_CANDIDATES = 5_000;
/** A longer name is no misspelling of a name that people write. */
const MAX_LENGTH = 100;

/**
 * The candidate that a misspelt name most likely means: at most a third of its letters (of three and more: at least one)
 * differ. Two letters that changed places, the commonest mistake, count as one.
 * Capitals do not count, nor do the dashes, dots, spaces and underscores between words.
 * @returns null when none is close
 */
export function suggest(name: string, candidates: readonly string[]): string | null {
  if (candidates.length > MAX_CANDIDATES || name.length > MAX_LENGTH) return null;
  const wanted = folded(name);
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const changes = changesBetween(wanted, folded(candidate));
    if (changes >= fewest || changes > allowedFor(name, candidate)) continue;
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
  return name.toLowerCase().replace(/(?<=[a-z0-9])[-_. ]+(?=[a-z0-9])/g, '');
}

function changesBetween(a: string, b: string): number {
  const changes = distance(a, b);
  return changes === 2 && sorted(a) === sorted(b) ? 1 : changes;
}

function sorted(letters: string): string {
  return [...letters].sort().join('');
}
