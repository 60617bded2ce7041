import type { FieldDecl, FieldValue } from '../../model/field.ts';
import { SIZE_SPELLINGS, TIME_SPELLINGS } from '../../model/unit-spellings.ts';
import type { Unit } from '../../model/units.ts';
import { show } from '../../yaml/show.ts';
import { quantityIn } from '../../policy/index.ts';
import type { RawScalar } from './raw.ts';

/** A value, or the problem with it. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/** Reads a number of a test: plain numbers are in the declared unit, quantities are converted to it. */
export function readNumber(given: number | string, unit: Unit): Read<number> {
  if (typeof given === 'number') return { value: given };
  const plain = given.trim();
  const read = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)
    ? { value: Number(plain) }
    : quantityIn(plain, unit);
  if (read !== null && Number.isFinite(read.value)) return read;
  const what = `${show(given)} is not a number${unit === 'none' ? '' : ` of ${unit}`}`;
  return { problem: `${what}${cureOf(plain, unit) ?? `, such as ${EXAMPLES[unit] ?? '12'}`}` };
}

/** What was meant by a text that is no number; null if that is unknown. */
function cureOf(text: string, unit: Unit): string | null {
  if (/^(?:nothing|none|nil|not set|unset)$/i.test(text)) return '; for no value write null';
  const [, sign = '', rest = ''] = /^(>=?|<=?|=)\s*(\S.*)$/.exec(text) ?? [];
  if (sign !== '') return `; write ${sign === '=' ? rest : `{${sign.startsWith('>') ? 'min' : 'max'}: ${rest}}`}`;
  const [, number = '', gap = '', name = ''] = /^(-?[0-9.]{1,20})(\s*)([A-Za-z%]{1,20})$/.exec(text) ?? [];
  if (name === '%') return `; a percentage has no meaning here: write the amount, such as ${EXAMPLES[unit] ?? '12'}`;
  const right = SIZE_SPELLINGS.get(name.toLowerCase()) ?? TIME_SPELLINGS.get(name.toLowerCase()) ?? name;
  const joined = `${number}${right}`;
  if ((gap === '' && right === name) || quantityIn(joined, unit) === null) return null;
  return `; write ${joined}`;
}

const EXAMPLES: Partial<Record<Unit, string>> = {
  KiB: '524288 or 512MiB',
  bytes: '1048576 or 1MiB',
  s: '30 or 30s',
  ms: '20 or 20ms',
  us: '500 or 1ms',
  '%': '20 or 20%',
  ratio: '0.2 or 20%',
  pages: '100 or 100pages',
};

/** The value of a field in one sample. */
export function readField({ type, unit, optional }: FieldDecl, given: RawScalar): Read<FieldValue> {
  if (given === null)
    return optional
      ? { value: null }
      : { problem: `is never nil: Ballast keeps a host or guest without it from the policy` };
  if (type === 'string') return { value: String(given) };
  if (type === 'boolean') {
    return typeof given === 'boolean' ? { value: given } : { problem: `is true or false, not ${show(given)}` };
  }
  if (typeof given === 'boolean') return { problem: `is a number, not ${given}` };
  return readNumber(given, unit);
}
