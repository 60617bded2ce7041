import type { Ruling } from '../../src/plugin/guard.ts';

export function hold(why: string): Ruling {
  return { kind: 'hold', why };
}

/** A value between the wanted one and what the guest has, with the reason. */
export function lowered(from: number, to: number, why: string): Ruling {
  return { kind: 'change', value: to, notes: [`lowered from ${from} to ${to}: ${why}`] };
}

export function raised(from: number, to: number, why: string): Ruling {
  return { kind: 'change', value: to, notes: [`raised from ${from} to ${to}: ${why}`] };
}

const KIB = { unit: 'KiB', factor: 1 };
const UNITS = [{ unit: 'GiB', factor: 1_048_576 }, { unit: 'MiB', factor: 1024 }, KIB];

/** A size in the unit that people read, such as `1.5 GiB`. */
export function sizeText(kib: number): string {
  const size = Math.abs(kib);
  const { unit, factor } = UNITS.find((each) => size >= each.factor) ?? KIB;
  return `${Math.round((kib / factor) * 10) / 10} ${unit}`;
}
