import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Runs a command's work. An `OperatorError` is written to standard error and becomes a usage error; other errors are rethrown. */
export async function exitCodeOf(work: () => Promise<number>, io: Pick<Io, 'stderr'>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}
