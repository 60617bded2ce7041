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

const KIB_PER_GIB = 1_048_576;
const KIB_PER_MIB = 1024;

/** A size in the unit that people read, such as `1.5 GiB`. */
export function sizeText(kib: number): string {
  const size = Math.abs(kib);
  if (size >= KIB_PER_GIB) return `${Math.round((kib / KIB_PER_GIB) * 10) / 10} GiB`;
  if (size >= KIB_PER_MIB) return `${Math.round((kib / KIB_PER_MIB) * 10) / 10} MiB`;
  return `${Math.round(kib * 10) / 10} KiB`;
}
