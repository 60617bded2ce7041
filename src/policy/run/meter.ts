import { catalogue } from '../messages/catalogue.ts';
import { PolicyFailure } from '../messages/fault.ts';
import type { Limits } from '../limits/limits.ts';

/**
 * Steps between two clock reads. No operation takes more than a few microseconds for each step that it charges, so that an
 * evaluation exceeds its time by far less than a tenth.
 */
const SLICE = 2_048;

/** Outside of loop bodies. A small integer like the other counters: storing a fraction or Infinity is slower. */
const OUTSIDE = -1;

/**
 * Counts the steps, memory and output of an evaluation and ends it at a limit.
 *
 * Memory is the sum of what the evaluation has allocated, by estimate, not what is in use: a garbage collector does not tell, and
 * the decision must not depend on when it runs. The estimates are at least what V8 uses, so that the limit is a bound.
 */
export class Meter {
  readonly limits: Limits;
  /** Steps until the next clock read, and the remaining steps of the file after that. */
  #slice = 0;
  #reserve = 0;
  /** Remaining steps at the start of the current guest's loop body. */
  protected stepsAtBodyStart = OUTSIDE;
  #budget = 0;
  #memoryLeft = 0;
  #outputLeft = 0;
  #deadline = Infinity;
  #clock: (() => number) | null = null;
  /** When the evaluation started, and the part of the time limit that an abandoned attempt has used. */
  #startedMs = 0;
  #lostMs = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /**
   * Initialises the limits of an evaluation.
   * @param clock monotonic milliseconds; null: only steps are limited
   */
  protected startMeters(clock: (() => number) | null): void {
    this.#clock = clock;
    this.#memoryLeft = this.limits.memoryBytes;
    this.#outputLeft = this.limits.outputLength;
    this.#startedMs = clock === null ? 0 : clock();
  }

  /** Counts the time since the start of the evaluation towards the time limit of the next attempt. */
  loseTime(): void {
    this.#lostMs = this.#clock === null ? 0 : this.#clock() - this.#startedMs;
  }

  keepTime(): void {
    this.#lostMs = 0;
  }

  /** Initialises the limits of a file. */
  protected startMeter(steps: number): void {
    this.#slice = 0;
    this.#reserve = steps;
    this.#budget = steps;
    this.stepsAtBodyStart = OUTSIDE;
    this.#deadline = this.#clock === null ? Infinity : this.#clock() + this.limits.timeMs - this.#lostMs;
  }

  step(count: number, site: number): void {
    if ((this.#slice -= count) < 0) this.#nextSlice(site);
  }

  /** Remaining steps of the file. */
  get stepsLeft(): number {
    return this.#reserve + this.#slice;
  }

  /** Remaining bytes of the evaluation. */
  get memoryLeft(): number {
    return this.#memoryLeft;
  }

  /** Counts memory, at least as much as is used. */
  take(bytes: number, site: number): void {
    if ((this.#memoryLeft -= bytes) < 0) this.#memoryFull(site);
  }

  /** Gives back memory that nothing refers to any more. */
  giveBack(bytes: number): void {
    this.#memoryLeft += bytes;
  }

  /** Counts UTF-16 units that leave the evaluation, and the memory for them. */
  putOut(units: number, site: number): void {
    this.take(2 * units, site);
    if ((this.#outputLeft -= units) < 0) {
      this.#outputLeft = 0;
      throw new PolicyFailure(catalogue.output(this.limits.outputLength), site, true);
    }
  }

  #memoryFull(site: number): never {
    this.#memoryLeft = 0;
    throw new PolicyFailure(catalogue.memory(this.limits.memoryBytes), site, true);
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
