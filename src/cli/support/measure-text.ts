import type { Measure, MeasureUnit } from '../../comparison/measures.ts';
import { seconds, size } from './units.ts';

const number = (value: number): string => String(Math.round(value * 10) / 10);

const TEXTS: Readonly<Record<MeasureUnit, (value: number) => string>> = {
  seconds: (value) => (value < 0 ? `-${seconds(-value)}` : seconds(value)),
  kib: size,
  'gib hours': (value) => `${number(value)} GiB h`,
  number,
  // Anything is more than nothing.
  share: (value) => (value > 0 && value < 0.0001 ? '< 0.01 %' : `${Number((value * 100).toPrecision(2))} %`),
};

/** A figure of a simulation as an operator reads it. */
export function measureText({ unit, key }: Measure, value: number): string {
  if (key === 'unfairness') return value.toFixed(2);
  if (key === 'promised') return `${Math.round(value * 100)} %`;
  return TEXTS[unit](value);
}
