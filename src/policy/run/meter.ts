import { catalogue } from '../messages/catalogue.ts';
import { PolicyFailure } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';

/** Steps between two looks at the clock. */
const SLICE = 16_384;

/** No body of a loop is open. A small integer, like the counts beside it: keeping a fraction or Infinity is slower. */
const OUTSIDE = -1;

/** Counts what an evaluation costs, and ends it where it costs too much. */
export class Meter {
  readonly limits: Limits;
  /** Steps until the next look at the clock, and those of the file after it. */
  #slice = 0;
  #reserve = 0;
  /** What was left when the body of a loop began for the present guest. */
  protected bodyBegan = OUTSIDE;
  #budget = 0;
  #deadline = Infinity;
  #clock: (() => number) | null = null;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** @param clock milliseconds that only grow; null: only steps are bounded */
  protected useClock(clock: (() => number) | null): void {
    this.#clock = clock;
  }

  /** Makes a file's share of steps and time ready. */
  protected startMeter(steps: number): void {
    this.#slice = 0;
    this.#reserve = steps;
    this.#budget = steps;
    this.bodyBegan = OUTSIDE;
    this.#deadline = this.#clock === null ? Infinity : this.#clock() + this.limits.timeMs;
  }

  step(count: number, site: number): void {
    if ((this.#slice -= count) < 0) this.#nextSlice(site);
  }

  /** Steps that are left to the file. */
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
    if (this.bodyBegan !== OUTSIDE && this.bodyBegan - left > this.limits.steps) {
      throw new PolicyFailure(catalogue.steps(this.limits.steps), site);
    }
  }
}
