import { unreadable } from '../model/file-errors.ts';
import { nodeIo, type FileIo } from './file-io.ts';
import type { FileKind } from './file-kind.ts';

/** For comparison, a config file with thousands of guest patterns has a few hundred KiB. */
const MOST_MIB = 1;

/** The text of a file, or a phrase that follows the file's name and says why it cannot be read. */
export type ReadText = { readonly text: string } | { readonly problem: string };

/** Reads a UTF-8 file of limited size. Never rejects because of the file's state. */
export async function readText(path: string, kind: FileKind, io: FileIo = nodeIo): Promise<ReadText> {
  let bytes: Uint8Array;
  const { mostMib = MOST_MIB } = kind;
  const mostBytes = mostMib * 1024 * 1024;
  try {
    bytes = await io.read(path, mostBytes + 1);
  } catch (error) {
    return { problem: readFailure(error) };
  }
  if (bytes.length > mostBytes) {
    return { problem: `is larger than ${mostMib} MiB, the limit for a ${kind.name}` };
  }
  return decode(bytes, kind);
}

function decode(bytes: Uint8Array, { name }: FileKind): ReadText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { problem: 'is UTF-16 text; save it as UTF-8' };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { problem: `is a binary file (byte ${nul + 1} is zero); a ${name} is YAML in UTF-8` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: `is not UTF-8 text; a ${name} is YAML in UTF-8` };
  }
}

/** Describes a file system error; any other error is a bug and is rethrown. */
export function readFailure(error: unknown): string {
  const why = unreadable(error);
  if (why === null) throw error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file or directory';
    case 'EISDIR':
      return 'is a directory; give the file itself';
    case 'ENOTDIR':
      return 'is not a directory, or its path leads through a file';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied; check its mode, its owner and the user that Ballast runs as';
    default:
      return `cannot be read: ${why}`;
  }
}
