import type { Tick } from '../times.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const STEPS = [10, 60, 300, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];

/** Round times of a simulation, at most so many and one: it begins at midnight of a day that has no date. */
export function virtualTicks(durationS: number, most: number): readonly Tick[] {
  const step = STEPS.find((each) => durationS / each <= most) ?? Math.ceil(durationS / most / DAY) * DAY;
  return Array.from({ length: Math.floor(durationS / step) + 1 }, (_, at) => ({
    at: ((at * step) / durationS) * 100,
    label: labelOf(at * step, durationS),
  }));
}

function labelOf(s: number, durationS: number): string {
  if (durationS > DAY && s % DAY === 0) return `day ${s / DAY + 1}`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = `${Math.floor((s % DAY) / HOUR)}:${two((s % HOUR) / 60)}`;
  if (s === durationS && s % DAY === 0) return '24:00';
  return durationS < 600 ? `${clock}:${two(s % 60)}` : clock;
}
