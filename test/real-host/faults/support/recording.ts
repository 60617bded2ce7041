import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';

/** One recorded interval, as far as the fault scenarios look at it. */
export interface RecordedMoment {
  readonly timeMs: number;
  /** Sizes of the guests that were read, KiB, by domain name; null: not known. */
  readonly sizesKib: ReadonlyMap<string, number | null>;
  readonly evaluated: boolean;
  /** Policy files whose errors were recorded, and those whose requests were. */
  readonly failedFiles: ReadonlySet<string>;
  readonly requestingFiles: ReadonlySet<string>;
}

type Placed = readonly { readonly position: { readonly file: string } | null }[];

interface Line {
  readonly t: number;
  readonly context?: true;
  readonly guests: readonly (readonly [string, string, unknown, readonly unknown[]])[];
  readonly policy?: { readonly errors: Placed; readonly requests: Placed };
}

/** The complete intervals of a recording with its rotated files. It may still be written, or its writer may have been killed. */
export async function recordedMoments(path: string): Promise<readonly RecordedMoment[]> {
  const [stem = '', ending = ''] = basename(path).split(/(?=\.jsonl)/);
  const rotated = (await readdir(dirname(path)))
    .filter((name) => /^\d{8}T\d{9}Z$/.test(name.slice(stem.length + 1, -ending.length)) && name.startsWith(`${stem}.`))
    .sort();
  const files = [...rotated.map((name) => join(dirname(path), name)), path];
  return (await Promise.all(files.map(momentsOf))).flat();
}

/** Empty if there is no such file. */
async function momentsOf(path: string): Promise<readonly RecordedMoment[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (bytes === null || bytes.length === 0) return [];
  const text = path.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
  const [header, ...lines] = text.toString('utf8').split('\n').slice(0, -1);
  if (header === undefined) return [];
  const { guest_fields: fields } = JSON.parse(header) as { readonly guest_fields: readonly string[] };
  const at = fields.indexOf('balloon_cur');
  return lines
    .map((line) => JSON.parse(line) as Line)
    .filter(({ context }) => context !== true)
    .map(({ t, guests, policy }) => ({
      timeMs: t,
      evaluated: policy !== undefined,
      failedFiles: filesOf(policy?.errors),
      requestingFiles: filesOf(policy?.requests),
      sizesKib: new Map(
        guests.map(([name, , , sample]) => {
          const size = sample[at];
          return [name, typeof size === 'number' ? size : null];
        }),
      ),
    }));
}

function filesOf(placed: Placed = []): ReadonlySet<string> {
  return new Set(placed.flatMap(({ position }) => (position === null ? [] : [basename(position.file)])));
}

/** The clock was stepped between two recorded intervals that are this far apart, milliseconds. */
const STEP_MS = 1_800_000;

/** Intervals that should have been between those recorded, but were not. */
export function missedIntervals(moments: readonly RecordedMoment[], intervalMs: number): number {
  return moments.slice(1).reduce((sum, { timeMs }, at) => {
    const gapMs = timeMs - moments[at]!.timeMs;
    return Math.abs(gapMs) > STEP_MS ? sum : sum + Math.max(0, Math.round(gapMs / intervalMs) - 1);
  }, 0);
}
