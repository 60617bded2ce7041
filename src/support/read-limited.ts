import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** The file is a pipe or a device: opening or reading it could take for ever. */
export class NotRegularError extends Error {
  readonly code = 'NOT_REGULAR';

  /** @param isReadAgain whether the file is read again later, for which a descriptor will not do either */
  constructor(isReadAgain: boolean) {
    super(`it is a pipe or a device${isReadAgain ? ', which cannot be read again' : ''}; expected a regular file`);
    this.name = 'NotRegularError';
  }
}

/** The device number of /dev/null, commonly passed as an empty file. */
const NULL_DEVICE = 0x103;

/** Descriptors of this process, as a shell passes them for `<(…)`: their other end is there. */
const DESCRIPTOR = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/[0-9]{1,6})$/;

export const isDescriptor = (path: string): boolean => DESCRIPTOR.test(path);

const CHUNK = 64 * 1024;

/**
 * The first `limit` bytes of a file, or all of a shorter one. A pipe is refused at once instead of waiting for its writer, unless it
 * is a descriptor of this process and `takesDescriptors`.
 * @throws NotRegularError, or a Node file system error with its `code`
 */
export async function readLimited(path: string, limit: number, takesDescriptors: boolean): Promise<Buffer> {
  const isTaken = takesDescriptors && isDescriptor(path);
  // Without O_NONBLOCK, opening a named pipe waits for a writer. With it, reading would not wait for the writer's data.
  const file = await open(path, constants.O_RDONLY | constants.O_NOCTTY | (isTaken ? 0 : constants.O_NONBLOCK));
  try {
    const found = await file.stat();
    if (!found.isFile() && !found.isDirectory() && found.rdev !== NULL_DEVICE && !isTaken)
      throw new NotRegularError(!takesDescriptors);
    return await firstBytes(file, limit);
  } finally {
    await file.close();
  }
}

/** Ignores the size that `stat` reports: files can grow, and pipes and kernel files have size 0. */
export async function firstBytes(file: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < limit) {
    const size = Math.min(CHUNK, limit - total);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, null);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks, total);
}
