/** The seed of random moments: `BALLAST_FAULT_SEED`, else another one in each run. It is printed, so that a run can be repeated. */
export function faultSeed(): number {
  const seed = Number(process.env['BALLAST_FAULT_SEED'] ?? Date.now() % 1_000_000_007);
  console.log(`seed of the random moments: ${seed} (BALLAST_FAULT_SEED=${seed} repeats them)`);
  return seed;
}

/** Numbers from 0 to below 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
