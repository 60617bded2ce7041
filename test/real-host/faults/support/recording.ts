import { readFile } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';

/** One recorded interval, as far as the fault scenarios look at it. */
export interface RecordedMoment {
  readonly timeMs: number;
  /** Sizes of the guests that were read, KiB, by domain name; null: not known. */
  readonly sizesKib: ReadonlyMap<string, number | null>;
  readonly evaluated: boolean;
}

interface Line {
  readonly t: number;
  readonly context?: true;
  readonly guests: readonly (readonly [string, string, unknown, readonly unknown[]])[];
  readonly policy?: unknown;
}

/** The complete intervals of a recording that may still be written, or whose writer was killed; empty if there is no file. */
export async function recordedMoments(path: string): Promise<readonly RecordedMoment[]> {
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
      sizesKib: new Map(
        guests.map(([name, , , sample]) => {
          const size = sample[at];
          return [name, typeof size === 'number' ? size : null];
        }),
      ),
    }));
}

/** Intervals that should have been between those recorded, but were not. */
export function missedIntervals(moments: readonly RecordedMoment[], intervalMs: number): number {
  return moments
    .slice(1)
    .reduce((sum, { timeMs }, at) => sum + Math.max(0, Math.round((timeMs - moments[at]!.timeMs) / intervalMs) - 1), 0);
}
