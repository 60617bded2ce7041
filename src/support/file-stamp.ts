import type { BigIntStats } from 'node:fs';

/** Size, times and inode of a file or folder: the stamp changes when the content of the file, or the list of files, changes. */
export function fileStamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}
