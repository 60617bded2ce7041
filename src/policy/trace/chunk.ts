import type { Value } from '../values/values.ts';

/** Placeholder in the number slots for other values and for none: a subnormal number that no real value has. */
const NOTHING = 4.1e-320;
export const TRUE = 4.2e-320;
export const FALSE = 4.3e-320;
export const OTHER = 4.4e-320;

/**
 * The header of a frame: its body, the address of its parent frame, and the site of the call. For a loop, the element is
 * stored among the other values at the index of the site. The slots follow.
 */
export const BODY = 0;
export const PARENT = 1;
export const CAUSE = 2;
export const HEAD = 3;

/** Minimum number of slots in a chunk. */
export const CHUNK_SLOTS = 4096;

/** Stores frames contiguously. A chunk never moves, so generated code can hold a reference to it. */
export class Chunk {
  /** Address of its first slot. */
  readonly start: number;
  /** Numbers are stored separately, to avoid boxing. */
  readonly numbers: Float64Array;
  readonly others: Value[];
  used = 0;

  constructor(start: number, places: number) {
    this.start = start;
    this.numbers = new Float64Array(places).fill(NOTHING);
    this.others = new Array<Value>(places).fill(null);
  }

  clear(): void {
    this.numbers.fill(NOTHING, 0, this.used);
    this.used = 0;
  }

  value(place: number): Value | undefined {
    const number = this.numbers[place] as number;
    if (number === OTHER) return this.others[place];
    if (number === TRUE || number === FALSE) return number === TRUE;
    return number === NOTHING ? undefined : number;
  }
}
