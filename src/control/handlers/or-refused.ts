import { unwritable } from '../../model/file-errors.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { ApiError } from '../server/api-error.ts';

/** @throws ApiError for what the operator can mend */
export async function orRefused<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new ApiError(409, error.message, error.message.split('\n').slice(0, 100));
  }
}

/** @throws ApiError when a file cannot be written; then nothing was changed */
export async function orNotWritten<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new ApiError(507, `${path} cannot be written, so nothing was changed: ${why}`);
  }
}
