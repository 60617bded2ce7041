import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError, problemOf } from './api-error.ts';
import type { Opened } from '../../serve/listening.ts';
import { paceClients } from '../../serve/paced.ts';

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

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** What it takes in memory for this client alone. */
  readonly ownBytes: number;
}

export interface Answering {
  readonly connections: number;
  readonly answer: (request: IncomingMessage) => Promise<Reply>;
  /** The reply to what `answer` has thrown. */
  readonly failed: (error: unknown, request: IncomingMessage) => Reply;
}

/** HTTP servers on some sockets. Every client is foreign: bounded in number, size and time. */
export class BoundedHttp {
  readonly #limits: typeof LIMITS;
  readonly #servers: { readonly server: Server; readonly opened: Opened }[] = [];
  #unreadBytes = 0;

  constructor(limits: typeof LIMITS) {
    this.#limits = limits;
  }

  /** @param open makes the server listen @throws SocketError */
  async listen(answering: Answering, open: (server: Server) => Promise<Opened>): Promise<void> {
    const { requestMs, idleMs, headerBytes } = this.#limits;
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
        this.#serve(request, response, answering).catch((error: unknown) => {
          answering.failed(error, request);
          connection.destroy();
        });
      },
    );
    paceClients(server);
    server.maxConnections = answering.connections;
    server.on('clientError', refuse);
    server.on('upgrade', (_request, raw) => raw.destroy());
    server.on('connect', (_request, raw) => raw.destroy());
    this.#servers.push({ server, opened: await open(server) });
  }

  /** Ends all connections and removes the sockets. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ server, opened }) => {
        server.close();
        server.closeAllConnections();
        await opened.remove();
      }),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse, { answer, failed }: Answering): Promise<void> {
    // Kept: Node takes it from a request whose client has gone.
    const { socket: connection } = request;
    // A client that reads a byte a minute is never idle.
    const timer = setTimeout(() => connection.destroy(), this.#limits.requestMs + this.#limits.answerMs);
    timer.unref();
    response.once('close', () => clearTimeout(timer));
    response.on('error', () => undefined);
    try {
      this.#send(request, response, await answer(request), connection);
    } catch (error) {
      // What a client broke off is no defect.
      if (connection.destroyed) return;
      this.#send(request, response, failed(error, request), connection);
    }
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    { status, headers, bytes, ownBytes }: Reply,
    connection: Socket,
  ): void {
    if (response.destroyed || connection.destroyed) return;
    if (this.#unreadBytes + ownBytes > this.#limits.unreadBytes) {
      // Others do not read what they asked for.
      response.destroy();
      return;
    }
    this.#unreadBytes += ownBytes;
    const read = (): void => {
      this.#unreadBytes -= ownBytes;
      response.off('close', read);
      connection.off('close', read);
    };
    response.once('close', read);
    // Node closes no answer that waits behind another one.
    connection.once('close', read);
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
}

/** The reply to a request that is refused. */
export function problemReply(error: ApiError): Reply {
  const bytes = Buffer.from(`${JSON.stringify(problemOf(error))}\n`);
  const headers = { ...error.headers, 'content-type': 'application/problem+json' };
  return { status: error.status, headers, bytes, ownBytes: bytes.length };
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
