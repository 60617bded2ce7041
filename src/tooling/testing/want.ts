import { RE2JS, RE2JSException } from 're2js';
import type { ControlDecl, PolicyScalar } from '../../model/control.ts';
import type { RawScalar, RawWant } from './raw.ts';
import { readNumber, type Read } from './values.ts';

/** The expectation for one control. */
export interface Want {
  /** `unset`: it must not be set. */
  readonly kind: 'value' | 'range' | 'any' | 'unset';
  readonly value: PolicyScalar;
  readonly min: number;
  readonly max: number;
  readonly because: Because | null;
  /** As written in the test. */
  readonly text: string;
}

/** The text or pattern that a reason must contain. */
export interface Because {
  readonly fits: (reason: string) => boolean;
  /** As written in the test. */
  readonly text: string;
}

const ANY: Omit<Want, 'because' | 'text'> = { kind: 'any', value: null, min: -Infinity, max: Infinity };

/** Tolerance for floating-point errors. */
const ROUNDING = 1e-9;

export function readWant(control: ControlDecl, raw: RawWant): Read<Want> {
  if (raw === null) return { value: { ...ANY, kind: 'unset', because: null, text: 'not set' } };
  if (typeof raw !== 'object') return readPlain(control, raw, null);
  const { value, within, min, max } = raw;
  const read = raw.because === undefined ? { value: null } : readBecause(raw.because);
  if ('problem' in read) return read;
  const because = read.value;
  if (value !== undefined && (min !== undefined || max !== undefined))
    return { problem: 'takes either value (and within) or min and max' };
  if (value !== undefined)
    return value === null
      ? { problem: 'value cannot be null; write null in place of the group for "not set"' }
      : readPlain(control, within === undefined ? value : `${value} ± ${within}`, because, within !== undefined);
  if (within !== undefined) return { problem: `within goes with value: {value: …, within: ${within}}` };
  if (control.type === 'string' && (min !== undefined || max !== undefined))
    return { problem: 'is a text: it has no min and max' };
  if (min === undefined && max === undefined) return { value: { ...ANY, because, text: 'any value' } };
  const low = min === undefined ? { value: -Infinity } : readNumber(min, control.unit);
  const high = max === undefined ? { value: Infinity } : readNumber(max, control.unit);
  if ('problem' in low) return low;
  if ('problem' in high) return high;
  if (low.value > high.value) return { problem: `min ${min} is more than max ${max}` };
  const text = min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `${min} to ${max}`;
  return {
    value: {
      kind: 'range',
      value: null,
      min: low.value - roundingOf(low.value),
      max: high.value + roundingOf(high.value),
      because,
      text,
    },
  };
}

function readPlain(
  control: ControlDecl,
  raw: Exclude<RawScalar, null>,
  because: Because | null,
  hasTolerance = false,
): Read<Want> {
  const exactly = (value: PolicyScalar): Read<Want> => ({
    value: { kind: 'value', value, min: 0, max: 0, because, text: String(raw) },
  });
  if (raw === 'any') return { value: { ...ANY, because, text: 'any value' } };
  if (control.type === 'string')
    return hasTolerance ? { problem: 'is a text, which has no tolerance' } : exactly(String(raw));
  if (typeof raw === 'boolean') return exactly(raw);
  const [middle = '', tolerance, ...more] = String(raw)
    .split(/±|\+-|\+\/-/)
    .map((part) => part.trim());
  if (more.length > 0) return { problem: `${JSON.stringify(raw)} has two tolerances` };
  const value = readNumber(typeof raw === 'number' ? raw : middle, control.unit);
  if ('problem' in value) return value;
  const given = tolerance === undefined ? { value: 0 } : readTolerance(control, tolerance, value.value);
  if ('problem' in given) return given;
  const margin = given.value + roundingOf(value.value);
  return {
    value: {
      kind: 'range',
      value: value.value,
      min: value.value - margin,
      max: value.value + margin,
      because,
      text: String(raw),
    },
  };
}

function roundingOf(value: number): number {
  return Number.isFinite(value) ? Math.max(ROUNDING, Math.abs(value) * ROUNDING) : 0;
}

/** A percentage is relative to the value, whatever the unit of the control. */
function readTolerance(control: ControlDecl, text: string, value: number): Read<number> {
  const percent = /^([0-9.]+)\s*%$/.exec(text);
  const read = percent ? { value: (Math.abs(value) * Number(percent[1])) / 100 } : readNumber(text, control.unit);
  if ('problem' in read) return read;
  return read.value >= 0 && Number.isFinite(read.value)
    ? read
    : { problem: `${JSON.stringify(text)} is not a tolerance, such as 1% or 4MiB` };
}

export function fits({ kind, value, min, max }: Want, got: PolicyScalar): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'unset':
      return false;
    case 'value':
      return got === value || (typeof value === 'boolean' && got === Number(value));
    case 'range':
      return typeof got === 'number' && got >= min && got <= max;
  }
}

/** A part of the reason, or a regular expression between slashes. RE2, as in policies: linear time for every pattern. */
function readBecause(text: string): Read<Because> {
  if (text === '') return { problem: 'because is empty: every reason would match' };
  const pattern = /^\/(.+)\/$/s.exec(text)?.[1];
  if (pattern === undefined) return { value: { text, fits: (reason) => reason.includes(text) } };
  try {
    const compiled = RE2JS.compile(pattern);
    return { value: { text, fits: (reason) => compiled.matcher(reason).find() } };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { problem: `because: ${JSON.stringify(text)} is not a regular expression of RE2: ${error.message}` };
  }
}
