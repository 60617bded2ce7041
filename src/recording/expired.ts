/** One rotated file of a recording. */
export interface RotatedFile {
  readonly name: string;
  readonly bytes: number;
  /** The time of its last write, milliseconds since the epoch. */
  readonly endMs: number;
}

export interface Retention {
  /** The newest files that are kept whatever their age. */
  readonly keep: number;
  /** Other files are deleted at this age, milliseconds. */
  readonly keepMs: number;
  /** Size of all rotated files together, bytes; the oldest are deleted beyond it, whatever their number and age. */
  readonly keepBytes: number;
}

/** A daemon that starts again and again writes a small file each time. */
const MAX_FILES = 10_000;

/** The names of the files to delete. A number alone would delete the last night after a few restarts. */
export function expired(files: readonly RotatedFile[], nowMs: number, retention: Retention): readonly string[] {
  const { keep, keepMs, keepBytes } = retention;
  let bytes = 0;
  return files
    .toSorted((a, b) => b.endMs - a.endMs || (a.name < b.name ? 1 : -1))
    .filter((file, at) => {
      bytes += file.bytes;
      return bytes > keepBytes || at >= MAX_FILES || (at >= keep && nowMs - file.endMs > keepMs);
    })
    .map(({ name }) => name);
}
