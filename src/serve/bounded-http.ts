import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Opened } from './listening.ts';
import { paceClients } from './paced.ts';

/** Bounds on each client and on all of them together. Times are milliseconds. */
export interface HttpLimits {
  /** For a request, from its first byte (or the connection) to its last. */
  readonly requestMs: number;
  /** For reading the answer. */
  readonly answerMs: number;
  /** Between two requests of one connection. */
  readonly idleMs: number;
  readonly headerBytes: number;
  /** Answers that clients have not read yet, bytes. */
  readonly unreadBytes: number;
}

export const HTTP_LIMITS: HttpLimits = {
  requestMs: 5000,
  answerMs: 10_000,
  idleMs: 5000,
  headerBytes: 8192,
  unreadBytes: 64 * 1024 ** 2,
};

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** What it takes in memory for this client alone. */
  readonly ownBytes: number;
}

export interface Answering {
  /** At most so many connections; more are closed at once. */
  readonly connections: number;
  /** Whether a client that waits with its body (`Expect: 100-continue`) is told to send it before `answer` is called. */
  readonly takesBodies: boolean;
  readonly answer: (request: IncomingMessage) => Promise<Reply>;
  /** The reply to what `answer` has thrown. */
  readonly failed: (error: unknown, request: IncomingMessage) => Reply;
  /** The reply to what is no acceptable HTTP. */
  readonly refused: (status: number, why: string) => Reply;
}

/** HTTP servers on some sockets. Every client is foreign: bounded in number, size and time. */
export class BoundedHttp {
  readonly #limits: HttpLimits;
  readonly #servers: { readonly server: Server; readonly opened: Opened }[] = [];
  #unreadBytes = 0;

  constructor(limits: HttpLimits = HTTP_LIMITS) {
    this.#limits = limits;
  }

  /** @param open makes the server listen @throws SocketError */
  async listen(answering: Answering, open: (server: Server) => Promise<Opened>): Promise<void> {
    const { requestMs, idleMs, headerBytes } = this.#limits;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      const { socket: connection } = request;
      this.#serve(request, response, answering).catch((error: unknown) => {
        answering.failed(error, request);
        connection.destroy();
      });
    };
    const server = createServer(
      {
        maxHeaderSize: headerBytes,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        keepAliveTimeout: idleMs,
        connectionsCheckingInterval: Math.min(1000, requestMs),
        // Only a browser can be led here by a foreign name, and it always sends the header.
        requireHostHeader: false,
      },
      onRequest,
    );
    paceClients(server);
    server.maxConnections = answering.connections;
    if (!answering.takesBodies) server.on('checkContinue', onRequest);
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      refuse(socket, this.#refusalOf(error, answering)),
    );
    this.#servers.push({ server, opened: await open(server) });
  }

  /** Ends all connections and removes the sockets. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ server, opened }) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        await opened.remove();
      }),
    );
  }

  #refusalOf({ code }: NodeJS.ErrnoException, { refused }: Answering): Reply {
    if (code === 'HPE_HEADER_OVERFLOW')
      return refused(431, `the header has more than ${this.#limits.headerBytes} bytes`);
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refused(408, 'the request took too long');
    return refused(400, 'the request is not HTTP');
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

/** Garbage, a header that is too large, or a request that takes too long. */
function refuse(socket: Socket, { status, headers, bytes }: Reply): void {
  const lines = Object.entries({ ...headers, 'content-length': bytes.length, connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // An answer that has begun cannot become another one.
  if (socket.writable && socket.bytesWritten === 0)
    // In one piece: nothing that waits behind another one is written any more.
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n`), bytes]));
  socket.destroy();
}
