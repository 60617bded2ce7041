import { catalogue } from '../messages/catalogue.ts';
import { Callable, type Value } from './values.ts';

/**
 * The attributes of values other than entities. MOM exposes every attribute of a Python object; these are the ones
 * covered by its recorded behaviour. Any other name is unknown.
 */
const NONE = [0, 0] as const;

export const PLAIN_ATTRIBUTES: ReadonlySet<string> = new Set(['real', 'bit_length', 'upper']);

export function plainAttribute(value: Exclude<Value, null>, name: string): Value | undefined {
  if (name === 'upper' && typeof value === 'string') {
    return new Callable('upper', NONE, '(TEXT.upper)', (_, context) => {
      const text = value.toUpperCase();
      const { textLength } = context.limits;
      return text.length > textLength ? context.fail(catalogue.textLength(textLength)) : text;
    });
  }
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
  if (name === 'real') return number;
  if (name === 'bit_length' && (typeof number === 'bigint' || Number.isInteger(number))) {
    return new Callable('bit_length', NONE, '(NUMBER.bit_length)', () => {
      const whole = BigInt(number);
      return whole === 0n ? 0 : (whole < 0n ? -whole : whole).toString(2).length;
    });
  }
  return undefined;
}
