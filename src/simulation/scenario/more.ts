import { OperatorError } from '../../support/operator-error.ts';
import { MOST_GUESTS, type GuestSpec, type Scenario } from './model.ts';

/**
 * A scenario with another number of guests, which keep their proportions: of three large and six small guests, two of nine small
 * ones are not taken twice before the large ones are. With more guests, each is added once before any is added again. The guests
 * of `n` are always among those of `n + 1`, so that one more guest changes nothing else.
 * @param count from 0
 */
export function withGuests(scenario: Scenario, count: number): Scenario {
  const order = spreadOrder(scenario.guests);
  const names = new Set(order.map(({ name }) => name));
  // By guest, the number of its next copy: with thousands of copies, trying all from the first on takes seconds.
  const numbers = new Map<string, number>();
  const guests = order.slice(0, count);
  for (let at = guests.length; order.length > 0 && at < count; at++) {
    const original = order[at % order.length]!;
    const number = freeNumber(original.name, numbers.get(original.name) ?? 2, names);
    const name = `${original.name}.${number}`;
    numbers.set(original.name, number + 1);
    names.add(name);
    guests.push({ ...original, name });
  }
  return { ...scenario, guests };
}

/** A scenario with so many guests more: see {@link withGuests}. @throws OperatorError when that is more than can be simulated */
export function withMore(scenario: Scenario, more: number): Scenario {
  const { length } = scenario.guests;
  if (length + more > MOST_GUESTS)
    throw new OperatorError(
      `${scenario.name}: ${length} guests and ${more} more are too many: at most ${MOST_GUESTS} are simulated`,
    );
  return withGuests(scenario, length + more);
}

/** `web-01.2` is the second `web-01`. Its seed differs, because it depends on the name. */
function freeNumber(name: string, first: number, taken: ReadonlySet<string>): number {
  let number = first;
  while (taken.has(`${name}.${number}`)) number += 1;
  return number;
}

/**
 * The guests in an order in which each beginning is a fair sample of all: groups follow each other in a scenario, so steps of about
 * 0.618 of the number of guests visit them in proportion (Weyl's sequence of the golden ratio).
 */
function spreadOrder(guests: readonly GuestSpec[]): GuestSpec[] {
  const { length } = guests;
  let step = Math.max(1, Math.round(length * 0.618));
  while (greatestCommonDivisor(step, length) > 1) step += 1;
  return guests.map((_, at) => guests[(at * step) % length]!);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
