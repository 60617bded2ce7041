import type { Loop } from '../forms/forms.ts';
import { COUNT, UNCLEAR } from './measure.ts';
import type { Operands } from './operands.ts';
import { ANYTHING, has, isUnknown, join, LIST, listOf, NIL, NIL_TYPE, numberOf, NUMERIC, orNil, TEXT, TRUTH, withKinds, type Type } from './type.ts';

/**
 * The value of a loop.
 * @param element what it goes through, as its condition shows it
 * @param value of the body, or the element itself
 * @param values the body as an operand, for reports
 */
export function loopType(operation: Loop['operation'], list: Type, element: Type, value: Type, values: Operands): Type {
  switch (operation) {
    case 'map':
      return listOf(value);
    case 'filter':
      return listOf(element);
    case 'sort':
      values.comparable(0, KEYS);
      return isUnknown(list) ? ANYTHING : has(list, TEXT) ? listOf(element) : withKinds(list, LIST);
    case 'sum':
      return summed(values, value);
    case 'avg':
      return orNil(summed(values, value));
    case 'count':
      return numberOf(COUNT);
    case 'min-of':
    case 'max-of':
      values.comparable(0, KEYS);
      return join(NIL_TYPE, element);
    case 'first':
      return join(NIL_TYPE, element);
    case 'any':
    case 'all':
      return TRUTH;
  }
}

const KEYS = 'keys that can be compared: numbers, texts or lists, all alike';

/** Elements whose value is nil are left out. */
function summed(values: Operands, value: Type): Type {
  values.one(0, NUMERIC | NIL, 'numbers');
  return (value.kinds & ~(NUMERIC | NIL)) === 0 ? numberOf(value.measure) : numberOf(UNCLEAR);
}
