import { stat } from 'node:fs/promises';
import { nodeConfigIo, type ConfigIo } from './source.ts';

/** The null device, which many give for an empty config. */
const NULL_DEVICE = 0x103;

/** What can be read once only: a command is right to be given such a config, a daemon that reads its files anew is not. */
class OnceOnlyError extends Error {
  readonly code = 'ONCE_ONLY';

  constructor() {
    super('it is a pipe or a device, which can be read only once; what a daemon reads anew is an ordinary file');
    this.name = 'OnceOnlyError';
  }
}

/** Files that are read anew. A pipe that nobody writes to is refused, where opening it would never come back. */
export const rereadableIo: ConfigIo = {
  ...nodeConfigIo,
  async read(path, limit) {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory() && found.rdev !== NULL_DEVICE) throw new OnceOnlyError();
    return nodeConfigIo.read(path, limit);
  },
};
