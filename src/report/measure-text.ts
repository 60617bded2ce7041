import type { Measure, MeasureUnit } from '../comparison/measures.ts';
import { durationText } from '../model/duration-text.ts';
import { sizeText } from '../policy/functions/format.ts';

const number = (value: number): string => String(Math.round(value * 10) / 10);

/** A small host saves little: that must not read as nothing. */
function gibHours(value: number): string {
  if (value === 0 || Math.abs(value) >= 0.1) return `${number(value)} GiB h`;
  return `${number(value * 1024)} MiB h`;
}

const TEXTS: Readonly<Record<MeasureUnit, (value: number) => string>> = {
  seconds: (value) => (value < 0 ? `-${durationText(-value * 1000)}` : durationText(value * 1000)),
  kib: sizeText,
  'gib hours': gibHours,
  number,
  // Anything is more than nothing.
  share: (value) => (value > 0 && value < 0.0001 ? '< 0.01 %' : `${Number((value * 100).toPrecision(2))} %`),
};

/** A figure of a simulation as an operator reads it. */
export function measureText({ unit, key }: Measure, value: number): string {
  if (key === 'unfairness') return value.toFixed(2);
  if (key === 'promised' || key === 'needed') return `${Math.round(value * 100)} %`;
  return TEXTS[unit](value);
}

/** By how much a figure differs. */
export function differenceText(measure: Measure, value: number): string {
  const text = measureText(measure, Math.abs(value));
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}
