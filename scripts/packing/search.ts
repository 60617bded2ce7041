import { carried, type Asked } from '../../src/comparison/capacity.ts';
import { MOST_GUESTS } from '../../src/simulation/scenario/model.ts';

/**
 * The number of guests to simulate next: steps of 1, 2, 4 and so on away from a good guess until the result is between two that are known, then
 * bisection. A right guess takes two simulations. Unlike `ballast capacity` it does not ask for the numbers next to the result too.
 * @param guess near the result
 * @returns null: the result is known
 */
export function nextNear(asked: Asked, guess: number): number | null {
  if (asked.size === 0) return Math.max(1, Math.min(MOST_GUESTS, guess));
  const { guests, fails } = carried(asked);
  const step = 2 ** (asked.size - 1);
  if (fails === null) return guests >= MOST_GUESTS ? null : Math.min(MOST_GUESTS, guests + step);
  if (guests === 0) return fails === 1 ? null : Math.max(1, fails - step);
  return fails - guests > 1 ? Math.floor((guests + fails) / 2) : null;
}
