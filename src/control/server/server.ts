import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggerOf } from '../../observe/log/logger.ts';
import type { Route, RouteAnswer, RouteInput, RouteName } from '../api/routes.ts';
import { ApiError, problemOf } from './api-error.ts';
import { bodyOf, BodyBudget, match } from './request.ts';
import { listenOn, type SocketFile } from './socket-file.ts';
import { Turns } from './turns.ts';

/** An answer that is JSON already: the same bytes for all who ask in one interval. */
export class Rendered {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

type Handler<Name extends RouteName> = (
  input: RouteInput<Name>,
  client: string,
) => RouteAnswer<Name> | Rendered | Promise<RouteAnswer<Name> | Rendered>;

/** What answers each route. @throws ApiError */
export type Handlers = { readonly [Name in RouteName]: Handler<Name> };

/** Bounds on clients. Times are milliseconds. */
export const LIMITS = {
  /** Connections of one socket; more are closed at once. */
  connections: { read: 256, change: 32 },
  /** For a request, from its first byte (or the connection) to its last. */
  requestMs: 5000,
  /** For reading the answer. */
  answerMs: 10_000,
  /** Between two requests of one connection. */
  idleMs: 5000,
  headerBytes: 8192,
  /** Answers that clients have not read yet, bytes. */
  unreadBytes: 64 * 1024 ** 2,
  /** Requests that wait for their turn. */
  turns: 32,
  /** Between requests that take work, as a multiple of their time: reading takes a quarter of the thread at most. */
  restShare: 3,
};

/** Serves the routes on unix sockets. Every client is foreign: bounded in number, size and time. */
export class ControlServer {
  readonly #handlers: Handlers;
  readonly #log: ReturnType<LoggerOf>;
  readonly #limits: typeof LIMITS;
  readonly #reading: Turns;
  readonly #changing: Turns;
  readonly #bodies = new BodyBudget();
  readonly #servers: { readonly server: Server; readonly file: SocketFile }[] = [];
  #unreadBytes = 0;

  constructor(handlers: Handlers, log: ReturnType<LoggerOf>, limits: typeof LIMITS = LIMITS) {
    this.#handlers = handlers;
    this.#log = log;
    this.#limits = limits;
    this.#reading = new Turns(limits.turns, limits.restShare);
    this.#changing = new Turns(limits.turns);
  }

  /**
   * @param socket read: only routes that change nothing
   * @throws SocketError
   */
  async listen(socket: Route['socket'], path: string, mode: number, gid: number | null): Promise<void> {
    const { requestMs, idleMs, headerBytes, connections } = this.#limits;
    const server = createServer(
      {
        maxHeaderSize: headerBytes,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        keepAliveTimeout: idleMs,
        connectionsCheckingInterval: Math.min(1000, requestMs),
      },
      (request, response) => {
        const { socket: connection } = request;
        this.#serve(request, response, socket).catch((error: unknown) => {
          this.#defect(error, request);
          connection.destroy();
        });
      },
    );
    server.maxConnections = connections[socket];
    server.on('clientError', refuse);
    server.on('upgrade', (_request, raw) => raw.destroy());
    server.on('connect', (_request, raw) => raw.destroy());
    this.#servers.push({ server, file: await listenOn(server, path, mode, gid) });
  }

  /** Ends all connections and removes the sockets. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ server, file }) => {
        server.close();
        server.closeAllConnections();
        await file.remove();
      }),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse, socket: Route['socket']): Promise<void> {
    // Kept: Node takes it from a request whose client has gone.
    const { socket: connection } = request;
    // A client that reads a byte a minute is never idle.
    const timer = setTimeout(() => connection.destroy(), this.#limits.requestMs + this.#limits.answerMs);
    timer.unref();
    response.once('close', () => clearTimeout(timer));
    response.on('error', () => undefined);
    try {
      const answer = await this.#answer(request, socket);
      const bytes = answer instanceof Rendered ? answer.bytes : Buffer.from(`${JSON.stringify(answer)}\n`);
      const ownBytes = answer instanceof Rendered ? 0 : bytes.length;
      this.#send(request, response, 200, { bytes, ownBytes }, { 'content-type': 'application/json' });
    } catch (error) {
      // What a client broke off is no defect.
      if (connection.destroyed) return;
      const known = error instanceof ApiError ? error : this.#defect(error, request);
      const bytes = Buffer.from(`${JSON.stringify(problemOf(known))}\n`);
      const headers = { ...known.headers, 'content-type': 'application/problem+json' };
      this.#send(request, response, known.status, { bytes, ownBytes: bytes.length }, headers);
    }
  }

  async #answer(request: IncomingMessage, socket: Route['socket']): Promise<unknown> {
    const { name, route, params, query } = match(request, socket);
    const body = await bodyOf(request, route, this.#bodies);
    const handle = this.#handlers[name] as (input: object, client: string) => unknown;
    const work = (): unknown => handle({ params, query, body }, clientOf(request));
    if (route.socket === 'change') return this.#changing.run(work);
    return route.heavy === true ? this.#reading.run(work) : work();
  }

  /** @param ownBytes what the answer takes in memory for this client alone */
  #send(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    { bytes, ownBytes }: { readonly bytes: Buffer; readonly ownBytes: number },
    headers: Readonly<Record<string, string>>,
  ): void {
    if (response.destroyed) return;
    if (this.#unreadBytes + ownBytes > this.#limits.unreadBytes) {
      // Others do not read what they asked for.
      response.destroy();
      return;
    }
    this.#unreadBytes += ownBytes;
    response.once('close', () => (this.#unreadBytes -= ownBytes));
    // What is left of a body that was refused is not read.
    const isWhole = request.complete || request.method === 'GET' || request.method === 'HEAD';
    response.writeHead(status, {
      ...headers,
      'content-length': bytes.length,
      'cache-control': 'no-store',
      ...(!isWhole && { connection: 'close' }),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  #defect(error: unknown, { method, url }: IncomingMessage): ApiError {
    const err = error instanceof Error ? error : new Error(String(error));
    const what = `${method} ${(url ?? '').slice(0, 200)}`;
    this.#log.error({ err }, `A defect in the answer to ${what}, please report it: ${err.message}`);
    return new ApiError(500, `a defect in Ballast, please report it; its log has the stack: ${err.message}`);
  }
}

/** The name that a client gives itself in the header Ballast-Client. Nothing proves it. */
function clientOf({ headers }: IncomingMessage): string {
  const name = headers['ballast-client'];
  if (typeof name !== 'string' || !/^[\x20-\x7e]{1,128}$/.test(name)) return 'an unnamed client of control.sock';
  return `"${name}" through control.sock`;
}

/** Garbage, a header that is too large, or a request that takes too long. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = STATUS_OF[error.code ?? ''] ?? 400;
  const problem = problemOf(new ApiError(status, REFUSALS[status] ?? 'the request is not HTTP'));
  const body = `${JSON.stringify(problem)}\n`;
  if (socket.writable && socket.bytesWritten === 0)
    socket.write(
      `HTTP/1.1 ${status} ${problem.title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  socket.destroy();
}

const STATUS_OF: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const REFUSALS: Readonly<Record<number, string>> = {
  408: 'the request took too long',
  431: `the header has more than ${LIMITS.headerBytes} bytes`,
};
