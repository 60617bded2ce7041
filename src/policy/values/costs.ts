/**
 * The costs of work and of values, as steps and bytes. An operation whose work depends on the size of its operands charges for
 * them here: otherwise a program with few steps could run for minutes or use all memory.
 */

/** What an operation pays with. */
export interface Payer {
  /** Adds work to the step count. */
  charge(steps: number): void;
  /** Adds memory that the evaluation may keep. */
  allocate(bytes: number): void;
}

/** UTF-16 units that one step compares or copies. */
const UNITS_PER_STEP = 64;
/** The head of a string or an array in V8, with the object around it. */
const HEAD_BYTES = 32;
/** A pointer, and the spare room of an array that grew; a number that is not small has a box of its own. */
export const ELEMENT_BYTES = 16;
/** A request or write of the journal. */
export const ENTRY_BYTES = 160;
/** An error that an evaluation keeps, without its text. */
export const ERROR_BYTES = 512;
/** A function as a value, with its closure. */
export const CALLABLE_BYTES = 256;
/** Steps of an operation on a number beyond the range of a double: it can have thousands of bits. */
const WIDE_STEPS = 16;

/** Reading a text: comparing, searching, copying. Short ones are part of the step of their expression. */
export function payForText(length: number, payer: Payer): void {
  if (length >= UNITS_PER_STEP) payer.charge(Math.floor(length / UNITS_PER_STEP));
}

/** UTF-16 units that one step compares in a search: they are compared one after the other, but in one place. */
const SEARCHED_PER_STEP = 1_024;

/** Searching a text for a part: the whole part can be compared at each place, and a search cannot be interrupted. */
export function payForSearch(length: number, partLength: number, payer: Payer): void {
  payer.charge(Math.floor((Math.max(0, length - partLength + 1) * partLength) / SEARCHED_PER_STEP));
}

/** A new text. Joining two is lazy in V8; reading the result later makes the copy. */
export function payForNewText(length: number, payer: Payer): void {
  payForText(length, payer);
  payer.allocate(HEAD_BYTES + 2 * length);
}

/** A new list. */
export function payForNewList(length: number, payer: Payer): void {
  payer.charge(length);
  payer.allocate(HEAD_BYTES + ELEMENT_BYTES * length);
}

/** An operation on a number of many bits, and its result. */
export function payForWideNumber(bits: number, payer: Payer): void {
  payer.charge(WIDE_STEPS);
  payer.allocate(HEAD_BYTES + bits / 8);
}
