import type { FieldDecl, FieldValue } from '../../model/field.ts';
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
  const read = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)
    ? { value: Number(plain) }
    : quantityIn(plain, unit);
  if (read !== null && Number.isFinite(read.value)) return read;
  return {
    problem: `${show(given)} is not a number${unit === 'none' ? '' : ` of ${unit}`}, such as ${EXAMPLES[unit] ?? '12'}`,
  };
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
