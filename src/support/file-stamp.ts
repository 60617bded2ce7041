import type { BigIntStats } from 'node:fs';

/** Size, times and identity of a file or folder: one of them changes when its content, or the list of what is in it, does. */
export function fileStamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}
