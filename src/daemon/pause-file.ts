import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseJson, readJson } from '../support/json-file.ts';
import { makeDirectory } from '../support/make-directory.ts';
import { replaceOwnFile } from '../support/replace-file.ts';
import { unreadable } from '../model/file-errors.ts';
import type { GuestRef } from '../model/control.ts';

/** What is paused. ksm: KSM and all other controls of the host; balloons: the controls of all guests; guest: those of one. */
export type Paused =
  { readonly what: 'all' | 'ksm' | 'balloons' } | { readonly what: 'guest'; readonly guest: GuestRef };

/** An order to write nothing to something for a while. */
export type Pause = Paused & {
  /** Milliseconds since the epoch, by the host's clock. */
  readonly sinceMs: number;
  /** null: until it is resumed. */
  readonly untilMs: number | null;
  /** Who asked for it, for messages. */
  readonly by: string;
  readonly reason: string | null;
};

/** What a Date can have. */
const timeMs = z.number().min(-8.64e15).max(8.64e15);
const common = {
  sinceMs: timeMs,
  untilMs: timeMs.nullable(),
  by: z.string().max(1024),
  reason: z.string().max(1024).nullable(),
};
const guest = z.strictObject({ name: z.string().max(1024), uuid: z.string().min(1).max(64) });
const schema = z.strictObject({
  ballast_pauses: z.literal(1),
  pauses: z
    .array(
      z.discriminatedUnion('what', [
        z.strictObject({ what: z.enum(['all', 'ksm', 'balloons']), ...common }),
        z.strictObject({ what: z.literal('guest'), guest, ...common }),
      ]),
    )
    .max(65_536),
});
const FORMAT = { schema, mostBytes: 4_194_304, version: ['ballast_pauses', 1] } as const;

/** What is paused, for the next Ballast on this host. */
export class PauseFile {
  readonly path: string;

  /** @param key names the host and libvirt, as Ballasts for others can use the same directory */
  constructor(directory: string, key: string) {
    this.path = join(directory, `pauses-${key}.json`);
  }

  /** The pauses; or why they cannot be read. Never rejects. */
  async read(): Promise<readonly Pause[] | string> {
    let bytes: Buffer | null;
    try {
      bytes = await readJson(this.path, FORMAT);
    } catch (error) {
      return `it cannot be read: ${unreadable(error) ?? (error as Error).message}`;
    }
    if (bytes === null) return [];
    const parsed = parseJson(bytes, FORMAT);
    return 'wrong' in parsed ? parsed.wrong : parsed.content.pauses;
  }

  /** @throws a Node file system error with its `code` */
  async write(pauses: readonly Pause[]): Promise<void> {
    await makeDirectory(dirname(this.path));
    await replaceOwnFile(this.path, `${JSON.stringify({ ballast_pauses: 1, pauses })}\n`, 0o600);
  }
}
