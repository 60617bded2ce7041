import { FALSE, OTHER, TRUE } from './chunk.ts';

// JavaScript that stores a traced value. `N` and `O` hold the slots of the body.

/** @param operand a variable or a literal */
export function storeValue(slot: string, operand: string): string {
  const other = `{ N[${slot}] = ${OTHER}; O[${slot}] = ${operand}; }`;
  if (/^[at]\d/.test(operand)) return `if (typeof ${operand} === "number") N[${slot}] = ${operand}; else ${other}`;
  return /^[(\d]/.test(operand) ? `N[${slot}] = ${operand};` : other;
}

/** For an operand that is always a boolean. */
export function storeTruth(slot: string, operand: string): string {
  return `N[${slot}] = ${operand} ? ${TRUE} : ${FALSE};`;
}
