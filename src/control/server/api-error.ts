import { STATUS_CODES } from 'node:http';
import type { Problem } from '../api/common.ts';

/** A request that is refused; nothing was changed. */
export class ApiError extends Error {
  readonly status: number;
  /** One line for each mistake. */
  readonly problems: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    problems: readonly string[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
    this.headers = headers;
  }
}

export function problemOf({ status, message, problems }: ApiError): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    type: 'about:blank',
    title,
    status,
    detail: message,
    ...(problems.length > 0 && { problems: [...problems] }),
  };
}
