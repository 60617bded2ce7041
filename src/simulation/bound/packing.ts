import { withGuests } from '../scenario/more.ts';
import { MOST_GUESTS, type Scenario } from '../scenario/model.ts';
import { boundOf } from './bound.ts';

/**
 * How many guests of a scenario fit at best, so that nobody has to wait for the host. More guests never need less.
 * @param guess near the result
 * @param pause called between steps that take a while
 * @returns null: it was stopped
 */
export async function mostGuests(
  scenario: Scenario,
  seed: number,
  guess: number,
  pause: () => Promise<boolean>,
): Promise<number | null> {
  let [fits, fails] = [0, MOST_GUESTS + 1];
  let next = Math.max(1, Math.min(MOST_GUESTS, guess));
  while (fails - fits > 1) {
    if (await pause()) return null;
    if (boundOf(withGuests(scenario, next), seed).feasible) fits = next;
    else fails = next;
    const further = fits + Math.max(1, Math.ceil(fits / 4));
    next = fails > MOST_GUESTS ? Math.min(MOST_GUESTS, further) : Math.floor((fits + fails) / 2);
  }
  return fits;
}
