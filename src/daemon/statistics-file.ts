import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { MOST_SERIES } from '../engine/hourly-statistics.ts';
import type { KeptFields, KeptHours } from '../engine/kept-hours.ts';
import { unreadable } from '../model/file-errors.ts';
import { KEPT_DAYS } from '../model/past.ts';
import { binsText, MOST_BINS, parseBins } from '../support/histogram.ts';
import { parseJson, readJson } from '../support/json-file.ts';
import { makeDirectory } from '../support/make-directory.ts';
import { replaceOwnFile } from '../support/replace-file.ts';

/** A larger file is not of Ballast: {@link MOST_SERIES} fields take a tenth of that, at worst half. */
const MOST_BYTES = 268_435_456;

/** A field name of a longer policy would be no field. */
const NAME_LENGTH = 256;

/** The histograms of all hours, each number in at most three bytes. */
const histograms = z.string().max((KEPT_DAYS * 24 + 1) * (1 + 2 * MOST_BINS) * 4);
const fields = z.record(z.string().max(NAME_LENGTH), histograms);
const schema = z.strictObject({
  ballast_statistics: z.literal(1),
  /** Oldest first; the last is the hour in which the file was written. */
  hours: z
    .array(z.strictObject({ start: z.number().min(-8.64e15).max(8.64e15), of_day: z.int().min(0).max(23) }))
    .min(1)
    .max(KEPT_DAYS * 24 + 1),
  host: fields,
  guests: z
    .array(z.strictObject({ uuid: z.string().min(1).max(64), max_kib: z.number().nullable(), fields }))
    .max(MOST_SERIES),
});
const FORMAT = { schema, mostBytes: MOST_BYTES, version: ['ballast_statistics', 1] } as const;
type Stored = z.output<typeof schema>;

/** The statistics over days, for the next Ballast on this host. */
export class StatisticsFile {
  readonly path: string;

  /** @param key names the host and libvirt, as Ballasts for others can use the same directory */
  constructor(directory: string, key: string) {
    this.path = join(directory, `statistics-${key}.json`);
  }

  /** null: there is no file; a text: why it cannot be used. Never rejects. */
  async read(): Promise<KeptHours | string | null> {
    let bytes: Buffer | null;
    try {
      bytes = await readJson(this.path, FORMAT);
    } catch (error) {
      return `it cannot be read: ${unreadable(error) ?? (error as Error).message}`;
    }
    if (bytes === null) return null;
    const parsed = parseJson(bytes, FORMAT);
    if ('wrong' in parsed) return parsed.wrong;
    return decoded(parsed.content) ?? 'its histograms are damaged';
  }

  /** @throws a Node file system error with its `code` */
  async write(kept: KeptHours): Promise<void> {
    await makeDirectory(dirname(this.path));
    await replaceOwnFile(this.path, `${JSON.stringify(await encoded(kept))}\n`, 0o600);
  }
}

/** Lets other work go on after each few guests: a thousand take a tenth of a second or two. */
async function encoded({ hours, host, guests }: KeptHours): Promise<Stored> {
  const texts = (kept: KeptFields) => Object.fromEntries([...kept].map(([name, all]) => [name, binsText(all)]));
  const stored: Stored['guests'] = [];
  for (const [at, { uuid, maxKib, fields: own }] of guests.entries()) {
    stored.push({ uuid, max_kib: maxKib, fields: texts(own) });
    if (at % 32 === 31) await setImmediate();
  }
  return {
    ballast_statistics: 1,
    hours: hours.map(({ startMs, ofDay }) => ({ start: startMs, of_day: ofDay })),
    host: texts(host),
    guests: stored,
  };
}

/** null: a histogram is damaged, or one is missing. */
function decoded({ hours, host, guests }: Stored): KeptHours | null {
  let isDamaged = false;
  const all = (stored: Stored['host']): KeptFields =>
    new Map(
      Object.entries(stored).map(([name, text]) => {
        const read = parseBins(text) ?? [];
        if (read.length !== hours.length) isDamaged = true;
        return [name, read];
      }),
    );
  const kept = {
    hours: hours.map(({ start, of_day }) => ({ startMs: start, ofDay: of_day })),
    host: all(host),
    guests: guests.map(({ uuid, max_kib, fields: own }) => ({ uuid, maxKib: max_kib, fields: all(own) })),
  };
  return isDamaged ? null : kept;
}
