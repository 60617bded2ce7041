import { STATUS_CODES } from 'node:http';
import type { Reply } from '../../serve/bounded-http.ts';
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

function problemOf({ status, message, problems }: ApiError): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    type: 'about:blank',
    title,
    status,
    detail: message,
    ...(problems.length > 0 && { problems: [...problems] }),
  };
}

/** The reply to a request that is refused. */
export function problemReply(error: ApiError): Reply {
  const bytes = Buffer.from(`${JSON.stringify(problemOf(error))}\n`);
  const headers = { ...error.headers, 'content-type': 'application/problem+json' };
  return { status: error.status, headers, bytes, ownBytes: bytes.length };
}
