import { FALSE, OTHER, TRUE } from './chunk.ts';

// The JavaScript by which traced code stores a value. `N` and `O` are where the body has its slots.

/** @param operand a variable, or a literal */
export function storeValue(slot: string, operand: string): string {
  const other = `{ N[${slot}] = ${OTHER}; O[${slot}] = ${operand}; }`;
  if (/^[at]\d/.test(operand)) return `if (typeof ${operand} === "number") N[${slot}] = ${operand}; else ${other}`;
  return /^[(\d]/.test(operand) ? `N[${slot}] = ${operand};` : other;
}

/** An operand that is true or false and nothing else. */
export function storeTruth(slot: string, operand: string): string {
  return `N[${slot}] = ${operand} ? ${TRUE} : ${FALSE};`;
}
