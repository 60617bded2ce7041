import type { LoopOperation } from '../builtins/builtins.ts';
import type { Expression } from '../forms/forms.ts';
import { beyondShare, COUNT, UNCLEAR } from './measure.ts';
import type { Operands } from './operands.ts';
import {
  ANYTHING,
  has,
  isUnknown,
  LIST,
  listOf,
  NIL,
  numberOf,
  NUMERIC,
  orNil,
  TEXT,
  TRUTH,
  withKinds,
  type Type,
} from './type.ts';

/**
 * Infers the value of a loop.
 * @param element the element type, narrowed by the condition
 * @param value the value of the body, or the element itself
 * @param values the body as an operand, for reports
 * @param present whether there is at least one element, and none with a nil value
 */
export function loopType(
  operation: LoopOperation,
  list: Type,
  element: Type,
  value: Type,
  values: Operands,
  present: boolean,
): Type {
  const orNone = (found: Type): Type => (present ? found : orNil(found));
  switch (operation) {
    case 'map':
      return listOf(value);
    case 'filter':
      return listOf(element);
    case 'sort':
      values.comparable(0, KEYS);
      return isUnknown(list) ? ANYTHING : has(list, TEXT) ? listOf(element) : withKinds(list, LIST);
    case 'sum':
      return summed(values, { ...value, measure: beyondShare(value.measure) });
    case 'avg':
      return orNone(summed(values, value));
    case 'count':
      return numberOf(COUNT);
    case 'min-of':
    case 'max-of':
      values.comparable(0, KEYS);
      return orNone(element);
    case 'first':
      return orNone(element);
    case 'any':
    case 'all':
      return TRUTH;
  }
}

/** Whether the text shows that a list has elements. */
export function isFilled(list: Expression): boolean {
  if (list.kind === 'loop') return list.operation === 'sort' && isFilled(list.list);
  return list.kind === 'apply' && list.builtin.name === 'list' && list.args.length > 0;
}

const KEYS = 'keys that can be compared: numbers, texts or lists, all alike';

/** Skips elements whose value is nil. */
function summed(values: Operands, value: Type): Type {
  values.one(0, NUMERIC | NIL, 'numbers');
  return (value.kinds & ~(NUMERIC | NIL)) === 0 ? numberOf(value.measure) : numberOf(UNCLEAR);
}
