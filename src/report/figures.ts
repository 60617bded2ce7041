import { sizeText } from '../policy/functions/format.ts';

// Figures as operators read them; `?` is unknown, which is not zero.

export function size(kib: number | null): string {
  return kib === null ? '?' : sizeText(kib);
}

/** Memory over time. */
export function gibHours(kibHours: number): string {
  const rounded = Number((kibHours / 1024 ** 2).toPrecision(2));
  return `${rounded < 10 ? rounded : Math.round(kibHours / 1024 ** 2).toLocaleString('en')} GiB·h`;
}

export function share(part: number | null, whole: number | null): string {
  return part === null || whole === null || whole < 1 ? '?' : percent((part / whole) * 100);
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${figure(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${figure(seconds / 3600)} h` : `${figure(seconds / 86_400)} days`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

export function percent(value: number): string {
  return `${value < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** Three significant digits at most. */
function figure(value: number): string {
  return String(Number(value.toPrecision(value >= 100 ? Math.max(3, Math.floor(Math.log10(value)) + 1) : 3)));
}
