import { tarGz, type TarEntry } from './tar.ts';

export interface IncludedFile {
  readonly name: string;
  readonly bytes: number;
  /** Where its content is from. */
  readonly source: string;
  /** What is not in it; absent: it is complete. */
  readonly note?: string;
}

export interface MissingPart {
  readonly what: string;
  readonly why: string;
}

/** All files together, bytes before they are compressed once more. */
const MOST_BYTES = 12 * 1024 ** 2;
const MOST_FILES = 200;

/** The files of a report, and what could not be had. Bounded: a report is sent by mail. */
export class Archive {
  readonly #entries: TarEntry[] = [];
  readonly #included: IncludedFile[] = [];
  readonly #missing: MissingPart[] = [];
  #bytes = 0;

  /** @param note what is not in it */
  add(name: string, content: Buffer | string, source: string, note: string | null = null): void {
    const buffer = Buffer.from(content);
    if (this.#bytes + buffer.length > MOST_BYTES || this.#entries.length >= MOST_FILES)
      return this.miss(
        name,
        `left out: the report would have more than ${MOST_BYTES / 1024 ** 2} MiB or ${MOST_FILES} files`,
      );
    this.#bytes += buffer.length;
    this.#entries.push({ name, content: buffer });
    this.#included.push({ name, bytes: buffer.length, source, ...(note !== null && { note }) });
  }

  addJson(name: string, value: unknown, source: string, note: string | null = null): void {
    this.add(name, `${JSON.stringify(value, null, 2)}\n`, source, note);
  }

  miss(what: string, why: string): void {
    this.#missing.push({ what, why });
  }

  get contents(): { readonly files: readonly IncludedFile[]; readonly missing: readonly MissingPart[] } {
    return { files: this.#included, missing: this.#missing };
  }

  /** @param folder the directory that it unpacks to @param manifest becomes `manifest.json` */
  pack(folder: string, manifest: object, modifiedMs: number): Promise<Buffer> {
    const first = { name: 'manifest.json', content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
    return tarGz(
      [first, ...this.#entries].map(({ name, content }) => ({ name: `${folder}/${name}`, content })),
      modifiedMs,
    );
  }
}

/** A name for a file in the archive: what it was called, as far as that is harmless. */
export function plainName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9._-]/g, '_')
      .replace(/^\.+/, '_')
      .slice(0, 40) || '_'
  );
}
