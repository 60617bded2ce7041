import { request as httpRequest, type IncomingMessage } from 'node:http';
import { escapeControls } from '../model/text.ts';
import { OperatorError } from '../support/operator-error.ts';
import type { Problem } from './api/common.ts';
import { PATHS, type RouteName } from './api/paths.ts';
import type { RouteAnswer, RouteInput } from './api/routes.ts';

/** The request was refused, or there is no daemon to ask. The message says what to do. */
export class ClientError extends OperatorError {
  /** The HTTP status; null: there was no answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface ClientOptions {
  /** `status.sock` or `control.sock`. */
  readonly socket: string;
  /** Who asks, for the daemon's log: printable ASCII. */
  readonly name: string;
  /** For the whole answer, milliseconds. */
  readonly timeoutMs?: number;
  /** Drops requests that are not answered yet. */
  readonly signal?: AbortSignal;
}

/** What a request may leave out: what its route does not take. */
type Input<Name extends RouteName> = Partial<{
  readonly [Key in keyof RouteInput<Name> as RouteInput<Name>[Key] extends undefined ? never : Key]: Partial<
    RouteInput<Name>[Key]
  >;
}>;

/** A larger answer is not of Ballast, bytes. */
const MOST_BYTES = 64 * 1024 ** 2;
const TIMEOUT_MS = 15_000;

/** Asks a running daemon. One connection for each request: a command asks once. */
export class ControlClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** @throws ClientError */
  async call<Name extends RouteName>(name: Name, input: Input<Name> = {}): Promise<RouteAnswer<Name>> {
    const { method, path } = PATHS[name];
    const {
      params = {},
      query = {},
      body,
    } = input as {
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: Readonly<Record<string, string | number | undefined>>;
      readonly body?: object;
    };
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
    const given = Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    );
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
    const { status, text } = await this.#send(method, `${filled}${search}`, body);
    const answer = parsed(text);
    if (status === 200 && answer !== null) return answer as RouteAnswer<Name>;
    throw new ClientError(refusalText(answer as Partial<Problem> | null, status), status);
  }

  #send(
    method: string,
    path: string,
    body: object | undefined,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { socket, name, timeoutMs = TIMEOUT_MS, signal } = this.#options;
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const headers = {
        host: 'localhost',
        connection: 'close',
        'ballast-client': name.replace(/[^\x20-\x7e]/g, '?').slice(0, 128) || 'ballast',
        ...(bytes !== null && { 'content-type': 'application/json', 'content-length': bytes.length }),
      };
      const sent = httpRequest({ socketPath: socket, method, path, headers, agent: false, ...(signal && { signal }) });
      const timer = setTimeout(
        () => sent.destroy(new ClientError(`no answer at ${socket} within ${timeoutMs / 1000} s: the daemon hangs or is too busy; systemd restarts one that hangs`)), // prettier-ignore
        timeoutMs,
      );
      sent.on('response', (response) => {
        textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      });
      sent.on('error', (error) => reject(error instanceof ClientError ? error : connectionError(error, socket)));
      sent.on('close', () => clearTimeout(timer));
      sent.end(bytes);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES)
      throw new ClientError(`the answer has more than ${MOST_BYTES} bytes: no Ballast answers there`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusalText(problem: Partial<Problem> | null, status: number): string {
  if (problem === null || typeof problem.detail !== 'string')
    return `the answer is not of a Ballast (HTTP status ${status})`;
  const { detail, problems = [] } = problem;
  return (problems.length > 1 ? problems : [detail]).map(escapeControls).join('\n');
}

function connectionError(error: NodeJS.ErrnoException, socket: string): ClientError {
  const text = CONNECTION[error.code ?? '']?.(socket) ?? `${socket} does not answer: ${error.message}`;
  return new ClientError(text, null, { cause: error });
}

const CONNECTION: Readonly<Record<string, (socket: string) => string>> = {
  ENOENT: (socket) =>
    `no Ballast runs here: there is no socket ${socket}. "systemctl status ballast" says why, "systemctl start ballast" starts it; one with another runtime_dir is found with --config FILE or --socket PATH`,
  ECONNREFUSED: (socket) =>
    `no Ballast runs here: ${socket} was left by one that was killed. "systemctl status ballast" says why, "systemctl start ballast" starts it`,
  ENOTDIR: (socket) => `${socket}: --socket takes a socket of the daemon or its directory, such as /run/ballast`,
  ENOTSOCK: (socket) =>
    `${socket} is not a socket: --socket takes a socket of the daemon or its directory, such as /run/ballast`,
  EACCES: (socket) =>
    `this user may not connect to ${socket}: use sudo, or an account in the group that control.group in the config names`,
  ECONNRESET: (socket) => `${socket} closed the connection: the daemon stops, or has too many clients; try again`,
  EPIPE: (socket) => `${socket} closed the connection: the daemon stops, or has too many clients; try again`,
};
