import { patternFault } from '../functions/texts.ts';
import { patternSize } from '../functions/pattern-size.ts';
import type { Fault } from '../messages/fault.ts';

/** Parts of patterns that one check compiles, a fraction of a second: the faults of further ones show when they are used. */
const MAX_COMPILED = 20_000;

/** The faults of the patterns of one program. Inference sees each several times; each is compiled once. */
export class Patterns {
  readonly #faults = new Map<string, Fault | null>();
  #left = MAX_COMPILED;

  /** The problem with a pattern; null if it is valid, or if too much was compiled already to find out. */
  fault(pattern: string): Fault | null {
    const known = this.#faults.get(pattern);
    if (known !== undefined) return known;
    const fault = patternFault(pattern, this.#left);
    this.#left -= Math.min(this.#left, patternSize(pattern));
    this.#faults.set(pattern, fault);
    return fault;
  }
}
