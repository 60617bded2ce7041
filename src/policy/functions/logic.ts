import { isList, isTrue, type Value } from '../values/values.ts';

export const not = ([a]: readonly Value[]): boolean => !isTrue(a as Value);

/** Whether every argument is nil or empty. */
export const allEmpty = (args: readonly Value[]): boolean => args.every(isEmpty);

/** Whether no argument is nil. */
export const allValid = (args: readonly Value[]): boolean => !args.includes(null);

/** The first argument that is not nil. */
export const firstKnown = (args: readonly Value[]): Value => args.find((value) => value !== null) ?? null;

function isEmpty(value: Value): boolean {
  return value === null || value === '' || (isList(value) && value.length === 0);
}
