import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { unreadable } from '../model/file-errors.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { Reservation } from '../plugin/recollection.ts';
import { sizeText } from '../policy/functions/format.ts';
import { parseJson, readJson } from '../support/json-file.ts';
import { makeDirectory } from '../support/make-directory.ts';
import { OneAtATime } from '../support/one-at-a-time.ts';
import { replaceFile } from '../support/replace-file.ts';

/** How long one reading may take, milliseconds; then the last one counts. */
const READ_MS = 1000;

export const MOST_RESERVATIONS = 100;

const name = z.string().regex(/^[\x20-\x7e]{1,128}$/, 'expected 1 to 128 printable ASCII characters');

const schema = z.strictObject({
  reservations: z
    .array(
      z.strictObject({
        name,
        client: name,
        kib: z
          .int()
          .min(1)
          .max(64 * 1024 ** 3),
        until: z.iso.datetime({ offset: true }),
      }),
    )
    .max(MOST_RESERVATIONS),
});
const FORMAT = { schema, mostBytes: 65_536 };

/** Nothing, where there is no file; or why it cannot be read. */
type Read = { readonly text: string } | { readonly failed: string };

/** The file of reservations: room on the host that is kept for guests about to start or to arrive. Whoever writes it replaces it whole. */
export class ReservationFile {
  readonly #path: string;
  readonly #log: ReturnType<LoggerOf>;
  #last: Read = { text: '' };
  #valid: readonly Reservation[] = [];
  readonly #readings = new OneAtATime<Read>(READ_MS);

  constructor(path: string, log: ReturnType<LoggerOf>) {
    this.#path = path;
    this.#log = log;
  }

  /** The reservations in the file now; those of its last valid content while it is invalid or cannot be read in time. */
  async read(): Promise<readonly Reservation[]> {
    const read = await this.#readings.look(() => readingOf(this.#path));
    if (read !== null && !isDeepStrictEqual(read.found, this.#last)) {
      this.#last = read.found;
      this.#adopt(read.found);
    }
    return this.#valid;
  }

  get path(): string {
    return this.#path;
  }

  /**
   * Replaces the file. What another program wrote at the same moment is lost, as between any two that write it.
   * @throws a Node file system error with its `code`
   */
  async write(all: readonly Reservation[]): Promise<void> {
    const reservations = all.map(({ name: of, client, kib, untilMs }) => ({
      ...{ name: of, client, kib, until: new Date(untilMs).toISOString() },
    }));
    await makeDirectory(dirname(this.#path));
    await replaceFile(this.#path, `${JSON.stringify({ reservations }, null, 1)}\n`, 0o644);
  }

  #adopt(read: Read): void {
    const parsed = 'failed' in read ? `it cannot be read: ${read.failed}` : parsedFrom(read.text);
    if (typeof parsed === 'string') {
      this.#log.error({ file: this.#path }, `${this.#path}: ${parsed}; the reservations before it stay in force`);
      return;
    }
    this.#valid = parsed;
    const list = parsed.map(({ name: of, kib, client, untilMs }) => `${sizeText(kib)} for ${of} (${client}) until ${new Date(untilMs).toISOString()}`); // prettier-ignore
    this.#log.info(
      { reservations: parsed.length },
      `Reserved: ${list.length === 0 ? 'nothing any more' : list.join('; ')}`,
    );
  }
}

async function readingOf(path: string): Promise<Read> {
  try {
    return { text: String((await readJson(path, FORMAT)) ?? '') };
  } catch (error) {
    return { failed: unreadable(error) ?? (error as Error).message };
  }
}

/** The reservations, or what is wrong. */
function parsedFrom(text: string): readonly Reservation[] | string {
  if (text === '') return [];
  const parsed = parseJson(Buffer.from(text), FORMAT);
  if ('wrong' in parsed)
    return `${parsed.wrong}; expected {"reservations": [{"name": "web-9", "client": "who", "kib": 4194304, "until": "2026-01-02T03:04:05Z"}]}`;
  const byName = new Map(parsed.content.reservations.map(({ until, ...rest }) => [rest.name, { ...rest, untilMs: Date.parse(until) }])); // prettier-ignore
  return [...byName.values()];
}
