import { errorsOf, type Errors } from './errors.ts';
import type { Column, Course, GUEST_COLUMNS, HOST_COLUMNS, Observed } from './observed.ts';

/** A figure of which reality and simulation are compared. */
export interface Figure {
  readonly title: string;
  readonly unit: 'MiB' | 's';
  readonly of:
    | { readonly host: (typeof HOST_COLUMNS)[number] }
    /** Of each guest. */
    | { readonly guest: (typeof GUEST_COLUMNS)[number] };
  /** A value of the column by this is one in the unit. */
  readonly divisor: number;
}

const KIB = 1024;
const PAGES = 256;
const MS = 1000;

const FIGURES = {
  size: { title: 'size of a guest', unit: 'MiB', of: { guest: 'size' }, divisor: KIB },
  unused: { title: 'unused, as a guest reports it', unit: 'MiB', of: { guest: 'unused' }, divisor: KIB },
  caches: { title: 'page cache of a guest', unit: 'MiB', of: { guest: 'caches' }, divisor: KIB },
  rss: { title: 'resident memory of a QEMU', unit: 'MiB', of: { guest: 'rss' }, divisor: KIB },
  swapOut: { title: 'swapped out by a guest', unit: 'MiB', of: { guest: 'swapOut' }, divisor: KIB },
  swapIn: { title: 'swapped in by a guest', unit: 'MiB', of: { guest: 'swapIn' }, divisor: KIB },
  stall: { title: 'waiting in a guest (PSI some)', unit: 's', of: { guest: 'stallMs' }, divisor: MS },
  taken: { title: 'taken of the host', unit: 'MiB', of: { host: 'taken' }, divisor: KIB },
  hostSwap: { title: 'in the swap of the host', unit: 'MiB', of: { host: 'swap' }, divisor: KIB },
  hostSwapIn: { title: 'swapped in by the host', unit: 'MiB', of: { host: 'swapIn' }, divisor: KIB },
  hostSwapOut: { title: 'swapped out by the host', unit: 'MiB', of: { host: 'swapOut' }, divisor: KIB },
  hostStall: { title: 'waiting for the host (PSI some)', unit: 's', of: { host: 'stallMs' }, divisor: MS },
  sharing: { title: 'saved by KSM', unit: 'MiB', of: { host: 'ksmSharingPages' }, divisor: PAGES },
  scanned: { title: 'scanned by KSM', unit: 'MiB', of: { host: 'ksmScannedPages' }, divisor: PAGES },
  ksmd: { title: 'CPU time of ksmd', unit: 's', of: { host: 'ksmdMs' }, divisor: MS },
} as const satisfies Record<string, Figure>;

/** What an experiment is about, and how far the mean error may be from the recording, percent of the largest value of a figure. */
export const COMPARED: Readonly<Record<string, Readonly<Partial<Record<keyof typeof FIGURES, number>>>>> = {
  'balloon-cache': { size: 3, unused: 7, caches: 9, rss: 12, taken: 7, stall: 13 },
  'balloon-free': { size: 5, unused: 9, rss: 3, taken: 4 },
  'balloon-swap': { size: 2, unused: 3, rss: 7, taken: 10, swapOut: 6, swapIn: 6, stall: 4 },
  'host-oom': { rss: 4, taken: 6 },
  'host-pressure': { rss: 10, taken: 3, hostSwap: 4, hostSwapOut: 8, hostSwapIn: 20, hostStall: 29 },
  ksm: { sharing: 8, scanned: 6, ksmd: 9, taken: 8 },
  'ksm-writes': { sharing: 6, scanned: 5, ksmd: 28, taken: 10 },
  mixed: { size: 1, unused: 2, rss: 4, taken: 3, hostSwap: 4, hostStall: 44 },
};

/** One figure of one experiment, in its unit. */
export interface Comparison {
  readonly experiment: string;
  readonly figure: Figure;
  readonly errors: Errors;
  /** The mean error, percent of the largest value that was recorded. */
  readonly percent: number;
  readonly limit: number;
  /** Of the host, or of the first guest. */
  readonly real: Column;
  readonly simulated: Column;
}

const AFTER_BOOT_S = 3;

export function compare(observed: Observed, simulated: Course): readonly Comparison[] {
  const experiment = kindOf(observed);
  return Object.entries(COMPARED[experiment] ?? {}).flatMap(([key, limit]): Comparison[] => {
    const figure: Figure = FIGURES[key as keyof typeof FIGURES];
    const real = columnsOf(observed, observed, figure);
    const other = columnsOf(simulated, observed, figure);
    const errors = errorsOf(real.flat(), other.flat());
    if (errors === null) return [];
    const worstS = errors.worstS % (observed.plan.seconds + 1);
    const percent = errors.largest === 0 ? 0 : (100 * errors.mean) / errors.largest;
    return [{ experiment, figure, errors: { ...errors, worstS }, percent, limit, real: real[0]!, simulated: other[0]! }]; // prettier-ignore
  });
}

export function kindOf({ plan }: Pick<Observed, 'plan'>): string {
  return plan.name.slice(0, -plan.set.length - 1);
}

/** In the unit of the figure, from when the guests had booted: how long that takes is not compared. Counters begin there. */
function columnsOf(course: Course, { plan, events }: Observed, { of, divisor }: Figure): readonly Column[] {
  const booted = plan.guests.map(({ name }) => {
    const ms = events.find((event) => event.kind === 'booted' && event.guest === name)?.ms ?? plan.seconds * 1000;
    return Math.ceil(ms / 1000) + AFTER_BOOT_S;
  });
  const from = (column: Column, second: number): Column => {
    const scaled = column.map((value, at) => (value === null || at < second ? null : value / divisor));
    const first = scaled[second] ?? 0;
    return isCounter(of) ? scaled.map((value) => (value === null ? null : value - first)) : scaled;
  };
  if ('host' in of) return [from(course.host[of.host], Math.max(...booted))];
  return plan.guests.map(({ name }, at) => from(course.guests[name]![of.guest], booted[at]!));
}

const COUNTERS: ReadonlySet<string> = new Set(['swapIn', 'swapOut', 'stallMs', 'ksmScannedPages', 'ksmdMs']);

function isCounter(of: Figure['of']): boolean {
  return COUNTERS.has('host' in of ? of.host : of.guest);
}
