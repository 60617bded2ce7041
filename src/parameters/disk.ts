import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PARAMETERS_FILE } from './parse.ts';
import { readText, type ReadText } from '../yaml/read-text.ts';

/** The parameters file on its disk; tests put one here that hangs. */
export interface ParametersDisk {
  /** Size, time and identity of a file, which change when its content does; the same text for whatever has no content. Never rejects. */
  stampOf(path: string): Promise<string>;
  /** @param stamp of before the reading; null: there is no file */
  read(path: string, stamp: string): Promise<ReadText | null>;
}

const ABSENT = 'absent';
const DIRECTORY = 'directory';
const NOT_ORDINARY = 'not ordinary';

/** Size, times and identity, one of which changes when a file's content does, or the list of what is in a folder. */
export function statStamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

export const parametersDisk: ParametersDisk = {
  async stampOf(path) {
    try {
      const found = await stat(path, { bigint: true });
      if (found.isDirectory()) return DIRECTORY;
      if (!found.isFile()) return NOT_ORDINARY;
      return statStamp(found);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? ABSENT : `error ${code}`;
    }
  },
  async read(path, stamp) {
    if (stamp === ABSENT) return null;
    // Not even opened: a pipe that nobody writes to never comes back from that.
    if (stamp === NOT_ORDINARY) return { problem: 'is a pipe or a device; a parameters file is an ordinary file' };
    return readText(path, PARAMETERS_FILE);
  },
};
