import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseProcessStat } from '../host/process-stat.ts';
import type { Host } from '../ports/host.ts';
import { parseJson, readJson } from '../support/json-file.ts';
import { makeDirectory } from '../support/make-directory.ts';
import { replaceOwnFile } from '../support/replace-file.ts';
import { syncDirectory } from '../support/sync-directory.ts';

/** A file of more bytes or guests is not of Ballast: not read. */
const MAX_BYTES = 8_388_608;
const MAX_GUESTS = 16_384;
const MAX_CONTROLS = 256;

const number = z.number();
const scalar = z.union([number, z.string().max(1024), z.boolean(), z.null()]);
const values = z
  .record(z.string().min(1).max(256), scalar)
  .refine((all) => Object.keys(all).length <= MAX_CONTROLS, `expected at most ${MAX_CONTROLS} controls`);
const guest = z.strictObject({
  uuid: z.string().min(1).max(64),
  name: z.string().max(1024),
  id: number.nullable(),
  pid: number.int().positive().nullable(),
  started: number.int().nonnegative().nullable(),
  values,
});
const state = z.strictObject({
  ballast_state: z.literal(1),
  /** null: the host root has none, as in tests. */
  boot_id: z.string().max(64).nullable(),
  host: values,
  guests: z.array(guest).max(MAX_GUESTS),
});
const FORMAT = { schema: state, mostBytes: MAX_BYTES, version: ['ballast_state', 1] } as const;

/** What was found at first, as in the file. */
export type State = z.output<typeof state>;
export type StateGuest = State['guests'][number];

export type ReadState =
  | { readonly kind: 'none' }
  /** `dropped`: guests whose process has ended. */
  | { readonly kind: 'state'; readonly state: State; readonly dropped: number }
  /** Of no use, and why. The file was set aside, unless it is of another boot. */
  | { readonly kind: 'void'; readonly why: string };

/** The state file: what a Ballast found at first and has not restored, for the next one. */
export class StateFile {
  readonly path: string;
  readonly #host: Host;

  /**
   * @param key names the host and libvirt, as Ballasts for others can use the same directory
   * @param host the files of the host, for its boot id and the processes of guests
   */
  constructor(directory: string, key: string, host: Host) {
    this.path = join(directory, `found-${key}.json`);
    this.#host = host;
  }

  /** @throws a Node file system error with its `code` when the file cannot be read */
  async read(): Promise<ReadState> {
    const bytes = await readJson(this.path, FORMAT);
    if (bytes === null) return { kind: 'none' };
    const parsed = parseJson(bytes, FORMAT);
    if ('wrong' in parsed) return this.#setAside(bytes, parsed.wrong);
    const { content } = parsed;
    if (content.boot_id !== (await this.#bootId()))
      return { kind: 'void', why: 'it is from before the last boot of this host' };
    const guests: StateGuest[] = [];
    for (const each of content.guests) if (await this.#mayRun(each)) guests.push(each);
    return { kind: 'state', state: { ...content, guests }, dropped: content.guests.length - guests.length };
  }

  /** @throws a Node file system error with its `code` */
  async write(found: Pick<State, 'host' | 'guests'>): Promise<void> {
    const { host, guests } = found;
    const whole: State = { ballast_state: 1, boot_id: await this.#bootId(), host, guests: guests.slice(0, MAX_GUESTS) };
    await makeDirectory(dirname(this.path));
    await replaceOwnFile(this.path, `${JSON.stringify(whole)}\n`, 0o600);
  }

  /** @throws a Node file system error with its `code` */
  async remove(): Promise<void> {
    await unlink(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await syncDirectory(dirname(this.path));
  }

  async #setAside(bytes: Buffer, why: string): Promise<ReadState> {
    // A copy: the next write replaces the file itself.
    await replaceOwnFile(`${this.path}.wrong`, bytes.subarray(0, MAX_BYTES), 0o600);
    await this.remove();
    return { kind: 'void', why: `${why}; it was set aside as ${this.path}.wrong` };
  }

  async #bootId(): Promise<string | null> {
    const text = await this.#host.readText('/proc/sys/kernel/random/boot_id').catch(() => null);
    return text === null ? null : text.trim().slice(0, 64);
  }

  /** Whether the process of a guest still runs, as far as it is known. */
  async #mayRun({ pid, started }: StateGuest): Promise<boolean> {
    if (pid === null || started === null) return true;
    const path = `/proc/${pid}/stat`;
    try {
      const text = await this.#host.readText(path);
      return text !== null && parseProcessStat(path, text).startTicks === started;
    } catch {
      return false;
    }
  }
}
