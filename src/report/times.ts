import { timeTicks, utcTicks } from 'd3-time';

/** Times of a report: local ones of one zone, which the page names. */
export interface Times {
  readonly isUtc: boolean;
  /** The zone's name, such as Europe/Berlin. */
  readonly zone: string;
  /** Day and time to the second. */
  full(ms: number): string;
  /** The time, with the day if the report has several. */
  short(ms: number): string;
  /** From one time to another, each as {@link short}, the day once. */
  span(fromMs: number, toMs: number): string;
  /** The difference to UTC at this time, such as GMT+2. */
  offset(ms: number): string;
}

const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** In the zone of this machine, or of its environment; or in UTC. */
export function timesOf(fromMs: number, toMs: number, isUtc = false): Times {
  const formatOf = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', isUtc ? { ...options, timeZone: 'UTC' } : options);
  const day = formatOf(DAY);
  const isOneDay = day.format(fromMs) === day.format(toMs);
  const isShort = toMs - fromMs < 3_600_000;
  const full = formatOf({ ...DAY, ...CLOCK, year: 'numeric', second: '2-digit' });
  const short = formatOf({ ...(isOneDay ? {} : DAY), ...CLOCK, ...(isShort && { second: '2-digit' }) });
  const clock = formatOf({ ...CLOCK, ...(isShort && { second: '2-digit' }) });
  const span = (from: number, to: number): string => {
    const [start, end] = [short.format(from), short.format(to)];
    if (start === end) return start;
    return `${start} to ${day.format(from) === day.format(to) ? clock.format(to) : end}`;
  };
  const zone = formatOf({ timeZoneName: 'shortOffset' });
  return {
    isUtc,
    zone: full.resolvedOptions().timeZone,
    full: (ms) => full.format(ms),
    short: (ms) => short.format(ms),
    span,
    offset: (ms) => zone.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC',
  };
}

export interface Tick {
  /** Position on the axis, percent. */
  readonly at: number;
  readonly label: string;
}

/** Round times on the axis, about so many: local ones, or of UTC. */
export function ticksOf(fromMs: number, toMs: number, about: number, isUtc = false): readonly Tick[] {
  const ticks = (isUtc ? utcTicks : timeTicks)(new Date(fromMs), new Date(toMs), about);
  const zone = isUtc ? { timeZone: 'UTC' } : {};
  const day = new Intl.DateTimeFormat('en-GB', { ...DAY, ...zone });
  const secondsOf = (tick: Date): number => (isUtc ? tick.getUTCSeconds() : tick.getSeconds());
  const minutesOf = (tick: Date): number =>
    isUtc ? tick.getUTCHours() * 60 + tick.getUTCMinutes() : tick.getHours() * 60 + tick.getMinutes();
  const withSeconds = ticks.some((tick) => secondsOf(tick) !== 0);
  const clock = new Intl.DateTimeFormat('en-GB', { ...CLOCK, ...zone, ...(withSeconds && { second: '2-digit' }) });
  return ticks.map((tick) => ({
    at: ((tick.getTime() - fromMs) / (toMs - fromMs)) * 100,
    label: (minutesOf(tick) === 0 && secondsOf(tick) === 0 ? day : clock).format(tick),
  }));
}

/** The top of a size axis and its ticks, KiB: round in MiB and GiB. */
export function sizeAxis(mostKib: number, about: number): { readonly top: number; readonly ticks: readonly number[] } {
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, mostKib) / about)));
  const steps = Math.max(1, Math.ceil(mostKib / step));
  return { top: steps * step, ticks: Array.from({ length: steps }, (_, at) => (at + 1) * step) };
}

/** The same for percent. */
export function percentAxis(most: number): { readonly top: number; readonly ticks: readonly number[] } {
  const step = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500].find((each) => each * 4 >= most) ?? most / 4;
  const steps = Math.max(1, Math.ceil(most / step));
  return { top: steps * step, ticks: Array.from({ length: steps }, (_, at) => (at + 1) * step) };
}
