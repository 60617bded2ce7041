import { parseArgs } from 'node:util';

/** What `npm run test:density` measures. */
export interface DensityOptions {
  /** Numbers of guests, ascending. */
  readonly guests: readonly number[];
  /** The maximum of each guest. */
  readonly guestMib: number;
  /** The memory of the host. */
  readonly hostMib: number;
  /** Policy files; `none` is without Ballast. Starts with `none`. */
  readonly policies: readonly string[];
  readonly seed: number;
  /** Length of the plan of one run. */
  readonly seconds: number;
  readonly rounds: number;
  /** How many times as fast as usual guards forget what guests did. */
  readonly pace: number;
  /** The most of the guests' time that may be lost where a host carries its guests, percent. */
  readonly limit: number;
  /** A config file whose keys are added to those of the daemon. */
  readonly config: string | null;
}

/** Where results come from and go to. */
export interface DensityFiles {
  /** Results of an earlier measurement, of which the page is made again; null: measures. */
  readonly from: string | null;
  /** The Markdown page to write. */
  readonly page: string | null;
  /** All figures, written after each run; null: a file in the cache of the test bed. */
  readonly json: string | null;
  /** The directory for the daemon's logs; it must exist. */
  readonly logs: string | null;
  /** The directory for the scenarios of the simulator; it must exist. */
  readonly scenarios: string | null;
}

/** A command line that cannot be understood. Printed without a stack. */
export class InvalidOptions extends Error {}

export const NO_POLICY = 'none';

const POLICIES = ['balanced', 'mom-balloon', 'proxmox', 'squeezed'].map((name) => `policies/${name}.policy`).join(',');

export const USAGE = `npm run test:density [-- OPTIONS]
  --guests A,B,…      numbers of guests that the host is to carry (5,6,7)
  --guest-mib N       memory of each guest, MiB (1024)
  --host-mib N        memory of the host, MiB (4096)
  --policy FILE,…     policies to compare with a host without Ballast
                      (${POLICIES.replaceAll(',', ',\n                      ')}); none: only the latter
  --seed N            of the plan of demand (1)
  --seconds N         length of one run (60)
  --rounds N          runs of each policy and number of guests, each with a plan of its own (2)
  --pace N            guards forget what guests did so many times as fast as usual (60)
  --limit PERCENT     a host carries its guests while they lose at most this share of their time (10)
  --config FILE       keys that are added to the daemon's configuration
  --page FILE         the page to write (docs/density.md); none: no page
  --json FILE         all figures, written after each run
  --from FILE         measures nothing, and makes the page of such a file, also of one that is not complete
  --logs FOLDER       an existing folder for the log of each daemon: why it moved what, and what its guards held back
  --scenarios FOLDER  an existing folder for the same set-up as files for "ballast simulate"`;

const NAMES = [
  ...['guests', 'guest-mib', 'host-mib', 'policy', 'seed', 'seconds', 'rounds', 'pace', 'limit', 'config'],
  ...['page', 'json', 'from', 'logs', 'scenarios'],
];

type Values = Partial<Record<string, string>>;

/** @throws InvalidOptions */
export function parseOptions(args: readonly string[]): DensityOptions {
  const values = read(args);
  const count = (name: string, otherwise: number, least: number, most: number): number =>
    number(`--${name}`, values[name] ?? String(otherwise), least, most, true);
  const guests = list(values['guests'] ?? '5,6,7').map((text) => number('--guests', text, 1, 64, true));
  return {
    guests: [...new Set(guests)].sort((a, b) => a - b),
    guestMib: count('guest-mib', 1024, 512, 65_536),
    hostMib: count('host-mib', 4096, 256, 1_048_576),
    policies: [...new Set([NO_POLICY, ...list(values['policy'] ?? POLICIES)])],
    seed: count('seed', 1, 0, 4_294_967_295),
    seconds: count('seconds', 60, 10, 86_400),
    rounds: count('rounds', 2, 1, 100),
    pace: count('pace', 60, 1, 100),
    limit: number('--limit', values['limit'] ?? '10', 0, 100, false),
    config: values['config'] ?? null,
  };
}

/** @throws InvalidOptions */
export function parseFiles(args: readonly string[]): DensityFiles {
  const { page = 'docs/density.md', json = null, from = null, logs = null, scenarios = null } = read(args);
  return { page: page === 'none' ? null : page, json, from, logs, scenarios };
}

/** The limit, which is about the page only; null: that of the measurement. @throws InvalidOptions */
export function limitOf(args: readonly string[]): number | null {
  return read(args)['limit'] === undefined ? null : parseOptions(args).limit;
}

function read(args: readonly string[]): Values {
  try {
    const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const]));
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new InvalidOptions(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function number(option: string, text: string, least: number, most: number, whole: boolean): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    throw new InvalidOptions(
      `${option} takes ${whole ? 'a whole number' : 'numbers'} from ${least} to ${most}, not '${text}'.`,
    );
  return value;
}
