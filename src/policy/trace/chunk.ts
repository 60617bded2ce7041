import type { Value } from '../values/values.ts';

/** What stands for values that are no numbers, and for none: numbers so close to zero that no amount of memory comes to them. */
const NOTHING = 4.1e-320;
export const TRUE = 4.2e-320;
export const FALSE = 4.3e-320;
export const OTHER = 4.4e-320;

/**
 * What a frame begins with: its body, the address of the frame that it ran for, and the site of the call. The element of a loop is
 * among the others, at the place of the site. The slots follow.
 */
export const BODY = 0;
export const PARENT = 1;
export const CAUSE = 2;
export const HEAD = 3;

/** Places in a chunk, at least. */
export const CHUNK_SLOTS = 4096;

/** Where frames are, one after the other. A chunk never moves: code that writes into it need not ask for it again. */
export class Chunk {
  /** Address of its first place. */
  readonly start: number;
  /** Numbers apart from all else, so that none of them has to be boxed. */
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
