/**
 * Shares an amount out among claims: all get the same, but nobody more than it claims, and what is left goes to the others. A
 * claim of any size costs the others no more than their equal share.
 *
 * @returns the share of each claim, in order; whole numbers if the claims are
 */
export function shareOut(amount: number, claims: readonly number[]): readonly number[] {
  const shares = claims.map(() => 0);
  const smallestFirst = claims.map((_, at) => at).sort((a, b) => claims[a]! - claims[b]!);
  let left = Math.max(0, Math.floor(amount));
  for (const [done, at] of smallestFirst.entries()) {
    const share = Math.min(Math.max(0, claims[at]!), Math.floor(left / (claims.length - done)));
    shares[at] = share;
    left -= share;
  }
  return shares;
}
