/** One run of a round. */
export interface Turn {
  readonly load: number;
  readonly policy: string;
}

/**
 * All loads and policies of a round. The policies of one load follow each other, because the machine's speed drifts, and another one
 * is first each time.
 */
export function inTurn(loads: readonly number[], policies: readonly string[], round: number): readonly Turn[] {
  return loads.flatMap((load, index) =>
    policies.map((_, turn) => ({ load, policy: policies[(turn + index + round) % policies.length] as string })),
  );
}
