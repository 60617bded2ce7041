import { durationText } from '../../model/duration-text.ts';
import { sizeText } from '../../policy/functions/format.ts';

// Figures as people read them; `?` is unknown, which is not zero.

export function size(kib: number | null): string {
  return kib === null ? '?' : sizeText(kib);
}

export function percent(ratio: number | null): string {
  return ratio === null ? '?' : `${Math.round(ratio * 100)} %`;
}

export function seconds(s: number): string {
  return durationText(s * 1000);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
