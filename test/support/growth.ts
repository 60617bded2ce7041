/** The shortest of a few runs: other processes only make a run longer. */
export function shortestMs(run: () => void, runs: number): number {
  let shortest = Infinity;
  for (let count = 0; count < runs; count += 1) {
    const start = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

const SMALL = 1_000;
const LARGE = 8_000;

/**
 * Whether the time grows much faster than the size: 8 times the size may take 8 times as long, and takes 64 times as long where
 * it is quadratic. Compares sizes and no absolute times. Asked again before the answer is yes: a pause of the machine looks the same.
 */
export function growsFaster(of: (size: number) => () => void): boolean {
  const [small, large] = [of(SMALL), of(LARGE)];
  for (let attempt = 0; attempt < 6; attempt += 1)
    if (shortestMs(large, 1 + attempt) <= 24 * shortestMs(small, 8)) return false;
  return true;
}
