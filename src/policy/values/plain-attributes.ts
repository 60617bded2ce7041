import { catalogue } from '../messages/catalogue.ts';
import { payForNewList, payForWideNumber } from './costs.ts';
import { limitIn } from './disk.ts';
import { Row } from './row.ts';
import { TEXT_METHODS, textMethod } from './text-methods.ts';
import { Callable, describe, type Value } from './values.ts';

/**
 * The attributes of values other than entities. MOM exposes every attribute of a Python object; these are the ones
 * covered by its recorded behaviour, and the usual methods of texts. Any other name is unknown.
 */
const NONE = [0, 0] as const;

const NUMBER_ATTRIBUTES: ReadonlySet<string> = new Set(['real', 'bit_length']);
const ROW_ATTRIBUTES: ReadonlySet<string> = new Set(['get', 'keys']);

export const PLAIN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...NUMBER_ATTRIBUTES,
  ...TEXT_METHODS,
  ...ROW_ATTRIBUTES,
]);

/** The kind of value that has an attribute; null: no value has it, apart from entities. */
export function ownerOfPlain(name: string): 'number' | 'text' | 'row' | null {
  if (NUMBER_ATTRIBUTES.has(name)) return 'number';
  if (TEXT_METHODS.has(name)) return 'text';
  return ROW_ATTRIBUTES.has(name) ? 'row' : null;
}

export function plainAttribute(value: Exclude<Value, null>, name: string): Value | undefined {
  if (typeof value === 'string') return textMethod(value, name);
  if (value instanceof Row) {
    const limit = limitIn(value, name);
    return limit === undefined ? rowMethod(value, name) : limit;
  }
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
  if (name === 'real') return number;
  if (name === 'bit_length' && (typeof number === 'bigint' || Number.isInteger(number))) {
    return new Callable('bit_length', NONE, '(NUMBER.bit_length)', (_, context) => {
      if (typeof number === 'bigint') payForWideNumber(8 * context.limits.wholeNumberBits, context);
      const whole = BigInt(number);
      return whole === 0n ? 0 : (whole < 0n ? -whole : whole).toString(2).length;
    });
  }
  return undefined;
}

function rowMethod(row: Row, name: string): Callable | undefined {
  if (name === 'get') {
    return new Callable('get', [1, 2], '(ROW.get "FIELD" OTHERWISE)', ([field, otherwise = null], context) => {
      if (typeof field !== 'string') return context.fail(catalogue.textWanted('get', describe(field ?? null)));
      const value = row.get(field);
      return value === undefined ? otherwise : value;
    });
  }
  if (name !== 'keys') return undefined;
  return new Callable('keys', NONE, '(ROW.keys)', (_, context) => {
    const { names } = row;
    payForNewList(names.length, context);
    return names;
  });
}
