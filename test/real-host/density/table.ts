import { basename } from 'node:path';
import { carried, lostPercent, type Bounds, type DensityRow } from './carried.ts';
import type { Figures } from './figures.ts';
import { mean } from './pain.ts';
import type { PolicyRun } from './results.ts';

/** Lines of cells; the first one has the titles. */
export type Table = readonly (readonly string[])[];

interface Column {
  readonly title: string;
  /** Null: not known. */
  readonly of: (figures: Figures) => number | null;
  readonly digits: number;
  /** Each round, too: these figures differ from run to run by chance. */
  readonly each?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'lost seconds', of: ({ lostS }) => lostS, digits: 1, each: true },
  { title: 'guest major faults', of: ({ guestMajorFaults }) => guestMajorFaults, digits: 0 },
  { title: 'guest swap-in, MiB', of: ({ guestSwapInMib }) => guestSwapInMib, digits: 0 },
  { title: 'guests stalled, s', of: ({ guestStalledS }) => guestStalledS, digits: 1 },
  { title: 'host swap-out, MiB', of: ({ hostSwapOutMib }) => hostSwapOutMib, digits: 0 },
  { title: 'host swap-in, MiB', of: ({ hostSwapInMib }) => hostSwapInMib, digits: 0, each: true },
  { title: 'host stalled, s', of: ({ hostStalledS }) => hostStalledS, digits: 1 },
  { title: 'OOM kills', of: ({ oomKills }) => oomKills, digits: 1 },
  { title: 'failed steps', of: ({ failedSteps }) => failedSteps, digits: 1 },
  { title: 'lost guests', of: ({ lostGuests }) => lostGuests, digits: 1 },
  { title: 'moves', of: ({ moves }) => moves, digits: 0 },
  { title: 'mean guest, MiB', of: ({ meanGuestMib }) => meanGuestMib, digits: 0 },
  { title: 'other CPU time, s', of: ({ otherCpuS }) => otherCpuS, digits: 0 },
];

/** What is not known. */
const UNKNOWN = '–';

/** All figures of all rows. */
export function figuresTable(rows: readonly DensityRow[]): Table {
  return [
    ['guests', 'policy', ...COLUMNS.map(({ title }) => title)],
    ...rows.map(({ guests, policy, rounds }) => [
      String(guests),
      basename(policy),
      ...COLUMNS.map((column) => cell(column, rounds)),
    ]),
  ];
}

function cell({ of, digits, each }: Column, rounds: readonly Figures[]): string {
  const values = rounds.map(of);
  if (!values.every((value) => value !== null)) return UNKNOWN;
  const text = short(mean(values), digits);
  return each === true && values.length > 1
    ? `${text} (${values.map((value) => short(value, digits)).join(', ')})`
    : text;
}

/** How many guests the host carries with each policy, and the time that was lost, measured and simulated. */
export function carriedTable(
  real: readonly DensityRow[],
  simulated: readonly DensityRow[],
  { guests: counts, policies }: { readonly guests: readonly number[]; readonly policies: readonly string[] },
  bounds: Bounds,
): Table {
  const most = (rows: readonly DensityRow[], policy: string): string => {
    const count = carried(rows, policy, bounds);
    if (count === null) return `< ${counts[0]}`;
    return count === counts.at(-1) ? `≥ ${count}` : String(count);
  };
  const lost = (rows: readonly DensityRow[], policy: string): string[] =>
    counts.map((guests) => {
      const row = rows.find((one) => one.policy === policy && one.guests === guests);
      return row === undefined ? UNKNOWN : `${short(lostPercent(row, bounds.seconds), 1)} %`;
    });
  const titles = counts.map((guests) => `lost with ${guests}`);
  return [
    ['policy', 'carried', ...titles, 'simulated: carried', ...titles],
    ...policies
      .filter((policy) => real.some((row) => row.policy === policy))
      .map((policy) => [
        basename(policy),
        ...[most(real, policy), ...lost(real, policy)],
        ...[most(simulated, policy), ...lost(simulated, policy)],
      ]),
  ];
}

/** Sums over all runs, measured and simulated, of the figures that both have. */
export function differenceTable(real: readonly PolicyRun[], simulated: readonly PolicyRun[]): Table {
  const isKnown = ({ of }: Column): boolean => simulated.every(({ figures }) => of(figures) !== null);
  const lines = COLUMNS.filter(isKnown).map(({ title, of, digits }) => {
    const isMean = title.startsWith('mean');
    const total = (runs: readonly PolicyRun[]): number => {
      const values = runs.map(({ figures }) => of(figures) ?? 0);
      return isMean ? mean(values) : values.reduce((sum, value) => sum + value, 0);
    };
    const [measured, model] = [total(real), total(simulated)];
    const factor = measured > 0 && model > 0 ? (model / measured).toPrecision(2) : UNKNOWN;
    return [title, short(measured, digits), short(model, digits), factor];
  });
  return [['all runs together', 'measured', 'simulated', 'simulated / measured'], ...lines];
}

/** The runs of both that have a counterpart: a measurement may have been cut off. */
export function sameRuns(real: readonly PolicyRun[], simulated: readonly PolicyRun[]): readonly PolicyRun[] {
  return simulated.filter((one) =>
    real.some(({ round, guests, policy }) => round === one.round && guests === one.guests && policy === one.policy),
  );
}

/** `0`, not `0.0` or `-0.0`: it stands out. */
function short(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? '0' : text;
}

/** For a terminal. */
export function textTable(lines: Table): string {
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For a page. */
export function markdownTable([head = [], ...body]: Table): string {
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  return [head, head.map(() => '---'), ...body].map(line).join('\n');
}
