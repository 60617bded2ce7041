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
