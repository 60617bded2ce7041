import { basename } from 'node:path';
import { RESERVE_SHARE } from './daemon.ts';
import type { Figures } from './figures.ts';
import type { DensityOptions } from './options.ts';
import { mean } from './pain.ts';

/** All rounds of one load and policy. */
export interface DensityRow {
  readonly load: number;
  readonly policy: string;
  /** Memory of the host in each round. */
  readonly hostMib: readonly number[];
  /** In the order of the rounds. */
  readonly rounds: readonly Figures[];
}

/** Whatever is needed to make the table again. */
export interface DensityReport {
  readonly options: DensityOptions;
  /** ISO 8601, of the end. */
  readonly date: string;
  readonly cores: number;
  readonly kernel: string;
  /** What the guests took at most on a roomy host, in each round. */
  readonly roomyMib: readonly number[];
  readonly rows: readonly DensityRow[];
}

interface Column {
  readonly title: string;
  readonly of: (figures: Figures) => number;
  readonly digits: number;
  /** Each round, too: these figures differ from run to run by chance. */
  readonly each?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'lost seconds', of: ({ lostS }) => lostS, digits: 1, each: true },
  { title: 'guest swap-in, MiB', of: ({ guestSwapInMib }) => guestSwapInMib, digits: 0 },
  { title: 'host swap-out, MiB', of: ({ hostSwapOutMib }) => hostSwapOutMib, digits: 0, each: true },
  { title: 'host swap-in, MiB', of: ({ hostSwapInMib }) => hostSwapInMib, digits: 0 },
  { title: 'host stalled, s', of: ({ hostStalledS }) => hostStalledS, digits: 1 },
  { title: 'OOM kills', of: ({ oomKills }) => oomKills, digits: 1 },
  { title: 'failed steps', of: ({ failedSteps }) => failedSteps, digits: 1 },
  { title: 'lost guests', of: ({ lostGuests }) => lostGuests, digits: 1 },
  { title: 'moves', of: ({ moves }) => moves, digits: 0 },
  { title: 'mean guest, MiB', of: ({ meanGuestMib }) => meanGuestMib, digits: 0 },
];

function cells(rows: readonly DensityRow[]): readonly (readonly string[])[] {
  return [
    ['load', 'host, MiB', 'policy', ...COLUMNS.map(({ title }) => title)],
    ...rows.map(({ load, policy, hostMib, rounds }) => [
      String(load),
      mean(hostMib).toFixed(0),
      basename(policy),
      ...COLUMNS.map((column) => cell(column, rounds)),
    ]),
  ];
}

function cell({ of, digits, each }: Column, rounds: readonly Figures[]): string {
  const values = rounds.map(of);
  const text = short(mean(values), digits);
  return each === true && values.length > 1
    ? `${text} (${values.map((value) => short(value, digits)).join(', ')})`
    : text;
}

/** `0`, not `0.0` or `-0.0`: it stands out. */
function short(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? '0' : text;
}

/** The table for a terminal. */
export function textTable(rows: readonly DensityRow[]): string {
  const lines = cells(rows);
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

/** docs/density.md. */
export function page(report: DensityReport): string {
  const { options, rows } = report;
  const [head = [], ...body] = cells(rows);
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const list = (values: readonly number[]): string => values.map((value) => value.toFixed(0)).join(', ');
  return `# Density

What a policy does to the guests of a host that is too small for them, compared with the same host without Ballast. \`sudo npm run test:density\`
measures this on real guests and writes this page. \`-- --policy FILE --guests 8 --load 1.2\` measures something else; \`-- --help\` lists all options.

## The figures

${[head, head.map(() => '---'), ...body].map(line).join('\n')}

Figures are means of ${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'}; in parentheses, those of each round. The rounds have different plans. Differences that are smaller than those
between two rounds or two runs without Ballast are noise.

- **load**: what the guests take at most on a roomy host (${list(report.roomyMib)} MiB), in multiples of what this host has. Without a balloon, memory that a guest has
  used once stays with it, so this is more than what all guests use at one time.
- **lost seconds**: how much longer the steps of all guests took than on a roomy host. Each step takes the memory that the plan asks for, reads the
  guest's working set, and needs a CPU for a moment. The work is the same in all runs of a round.
- **guest swap-in**: what the guests read from their own swap. **host swap-out**, **swap-in**: guest memory that the host wrote to its swap and read back.
- **host stalled**: time in which at least one guest waited for memory of the host (\`memory.pressure\`, some).
- **OOM kills**: by the kernels of the guests and of the host. **failed steps**: a guest had no memory for it. **lost guests**: they no longer answered.
- **moves**: balloon targets that Ballast set.

## How it was measured

${report.date.slice(0, 10)}, Linux ${report.kernel}, ${report.cores} cores. ${options.guests} guests of ${options.guestMib} MiB under software emulation (QEMU's TCG), with swap of the same size each; ${options.seconds} s a run, seed ${options.seed}.
The host is a memory control group with swap behind it: real memory, really swapped. Ballast sees it as its host, with its default configuration except for
shorter intervals (1 s and 2 s), \`rhythm.boot_grace\` 0, as all guests have just booted, \`controllers: [balloon]\`, and a reserve and an emergency threshold of
${percent(RESERVE_SHARE)} and ${percent(RESERVE_SHARE / 2)} of the host, because the defaults of 512 and 256 MiB are meant for larger ones${options.config === null ? '' : `, and the keys of ${basename(options.config)}`}. Each run has fresh guests. In each round all policies meet the same plan, in turn.

Each guest alternates between quiet and busy phases of 10 to 30 s, by a plan that depends only on the seed. It keeps a working set of 25 to 35 % of its memory, and takes
another 20 to 40 % in busy phases, at once or by and by.

## What this does not show

- Speed under KVM. Emulated guests use more CPU time for everything, and their memory less often.
- A large host, where many guests even out what each of them does.
- Guests that use memory for a page cache: these have no disk but their swap.
- KSM: it is off, because the guests are filled with the same pages, unlike real ones.
- Hours and days: policies that learn slowly have no time to do so, and a guest keeps room for what it used in the last 10 minutes (guard \`recent-use\`), which is longer than
  a run.
`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
