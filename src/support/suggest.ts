import { distance } from 'fastest-levenshtein';

/** The candidate that was probably meant: at most a third of the letters differ. Dashes, dots and capitals do not count. */
export function suggest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = fold(name);
  if (wanted.length > 64) return undefined;
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const far = distance(wanted, fold(candidate));
    if (far <= Math.max(1, Math.floor(candidate.length / 3)) && (best === undefined || far < best.distance)) {
      best = { candidate, distance: far };
    }
  }
  return best?.candidate;
}

function fold(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[-. ]/g, '_');
}
