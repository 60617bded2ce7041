import { parseArgs } from 'node:util';

/** What `npm run test:density` measures. */
export interface DensityOptions {
  readonly guests: number;
  /** The maximum of each guest. */
  readonly guestMib: number;
  /** What the guests take on a roomy host, as multiples of what the host has. */
  readonly loads: readonly number[];
  /** Policy files; `none` is without Ballast. Starts with `none`, the measure of all others. */
  readonly policies: readonly string[];
  readonly seed: number;
  /** Length of the plan of one run. */
  readonly seconds: number;
  readonly rounds: number;
  /** A config file whose keys are added to those of the daemon. */
  readonly config: string | null;
  /** The Markdown page to write. */
  readonly page: string | null;
  readonly json: string | null;
  /** The directory for the daemon's logs; it must exist. */
  readonly logs: string | null;
}

/** A command line that cannot be understood. Printed without a stack. */
export class InvalidOptions extends Error {}

export const NO_POLICY = 'none';

export const USAGE = `npm run test:density [-- OPTIONS]
  --guests N         number of guests (4)
  --guest-mib N      memory of each guest, MiB (768)
  --load A,B,…       what the guests take, as multiples of what the host has (0.9,1.1,1.4)
  --policy FILE,…    policies to compare with a host without Ballast (policies/mom-balloon.policy); none: only the latter
  --seed N           of the plan of demand (1)
  --seconds N        length of one run (120)
  --rounds N         runs of each load and policy, each with a plan of its own (2)
  --config FILE      keys that are added to the daemon's configuration
  --page FILE        the page to write (docs/density.md); none: no page
  --json FILE        all figures of all runs
  --logs FOLDER      an existing folder for the log of each daemon: why it moved what, and what its guards held back`;

/** @throws InvalidOptions */
export function parseOptions(args: readonly string[]): DensityOptions {
  const text = { type: 'string' } as const;
  let values: Partial<Record<string, string>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        guests: text,
        'guest-mib': text,
        load: text,
        policy: text,
        seed: text,
        seconds: text,
        rounds: text,
        config: text,
        page: text,
        json: text,
        logs: text,
      },
    }));
  } catch (error) {
    throw new InvalidOptions(`${(error as Error).message}\n\n${USAGE}`);
  }
  const count = (name: string, otherwise: number, least: number, most: number): number =>
    number(`--${name}`, values[name] ?? String(otherwise), least, most, true);
  const page = values['page'] ?? 'docs/density.md';
  return {
    guests: count('guests', 4, 1, 64),
    guestMib: count('guest-mib', 768, 256, 65_536),
    loads: list(values['load'] ?? '0.9,1.1,1.4').map((load) => number('--load', load, 0.1, 10, false)),
    policies: [...new Set([NO_POLICY, ...list(values['policy'] ?? 'policies/mom-balloon.policy')])],
    seed: count('seed', 1, 0, 4_294_967_295),
    seconds: count('seconds', 120, 10, 86_400),
    rounds: count('rounds', 2, 1, 100),
    config: values['config'] ?? null,
    page: page === 'none' ? null : page,
    json: values['json'] ?? null,
    logs: values['logs'] ?? null,
  };
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
