import type { Writable } from 'node:stream';
import type { Config } from '../config/model.ts';
import { toDescriptor, toFile, toStream, type Destination } from '../observe/log/destination.ts';
import { createLogger, type Log } from '../observe/log/logger.ts';
import { unwritable } from '../model/file-errors.ts';
import { SetupError } from './setup-error.ts';

type Stream = Writable & { readonly isTTY?: boolean; readonly fd?: number };

/**
 * Opens the daemon's log: the configured file, or standard error. Errors writing the file are reported on standard error.
 * @throws SetupError when the file cannot be opened
 */
export async function openLog({ level, format, file }: Config['log'], stderr: Stream): Promise<Log> {
  let destination: Destination;
  try {
    destination = file === null ? toStandardError(stderr) : await toFile(file);
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new SetupError(`the log file ${file} cannot be opened: ${why}`, { cause: error });
  }
  const onError = (error: Error) => {
    if (file !== null)
      stderr.write(
        `the log file ${file} cannot be written: ${unwritable(error) ?? error.message}; log lines are lost until it can be written again\n`,
      );
  };
  return createLogger({ level, format, destination, isLimited: true, onError });
}

/** Uses the descriptor if there is one: Node's own stream would block the daemon while the reader hangs. */
function toStandardError(stderr: Stream): Destination {
  return stderr.fd === undefined ? toStream(stderr) : toDescriptor(stderr.fd, stderr.isTTY === true);
}

/** The log of a replay: on standard output, with recorded times. Lines are never dropped: the replay waits for slow readers. */
export function replayLog(format: Config['log']['format'], stdout: Stream, clock: () => number): Log {
  return createLogger({ level: 'info', format, destination: toStream(stdout, Infinity), clock });
}
