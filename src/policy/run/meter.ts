import { catalogue } from '../messages/catalogue.ts';
import { PolicyFailure } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';

/** Steps between two clock reads. */
const SLICE = 16_384;

/** Outside of loop bodies. A small integer like the other counters: storing a fraction or Infinity is slower. */
const OUTSIDE = -1;

/** Counts the steps of an evaluation and ends it at a limit. */
export class Meter {
  readonly limits: Limits;
  /** Steps until the next clock read, and the remaining steps of the file after that. */
  #slice = 0;
  #reserve = 0;
  /** Remaining steps at the start of the current guest's loop body. */
  protected stepsAtBodyStart = OUTSIDE;
  #budget = 0;
  #deadline = Infinity;
  #clock: (() => number) | null = null;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** @param clock monotonic milliseconds; null: only steps are limited */
  protected useClock(clock: (() => number) | null): void {
    this.#clock = clock;
  }

  /** Initialises the limits of a file. */
  protected startMeter(steps: number): void {
    this.#slice = 0;
    this.#reserve = steps;
    this.#budget = steps;
    this.stepsAtBodyStart = OUTSIDE;
    this.#deadline = this.#clock === null ? Infinity : this.#clock() + this.limits.timeMs;
  }

  step(count: number, site: number): void {
    if ((this.#slice -= count) < 0) this.#nextSlice(site);
  }

  /** Remaining steps of the file. */
  get stepsLeft(): number {
    return this.#reserve + this.#slice;
  }

  #nextSlice(site: number): void {
    const left = this.stepsLeft;
    if (left < 0) throw new PolicyFailure(catalogue.steps(this.#budget), site, true);
    if (this.#clock !== null && this.#clock() > this.#deadline)
      throw new PolicyFailure(catalogue.time(this.limits.timeMs), site, true);
    this.#slice = Math.min(left, SLICE);
    this.#reserve = left - this.#slice;
    // Checked only here: a guest may exceed its share by one slice.
    if (this.stepsAtBodyStart !== OUTSIDE && this.stepsAtBodyStart - left > this.limits.steps) {
      throw new PolicyFailure(catalogue.steps(this.limits.steps), site);
    }
  }
}
