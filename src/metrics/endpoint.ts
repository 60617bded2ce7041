import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listenAt, type Opened } from '../serve/listening.ts';
import { paceClients } from '../serve/paced.ts';
import type { ListenAddress } from '../support/listen-address.ts';
import { isLocalHost } from '../support/local-host.ts';

export interface Page {
  readonly contentType: string;
  /** Called for each request. If it rejects, the client is told to look into the log. */
  body(): Promise<Buffer>;
}

/** A scraper needs one connection. */
const MOST_CONNECTIONS = 32;

export interface ClientLimits {
  /** From the connection, or the answer before, to the last byte of a request, milliseconds. */
  readonly requestMs: number;
  /** From there to the last byte of the answer, milliseconds. */
  readonly responseMs: number;
}

const LIMITS: ClientLimits = { requestMs: 5000, responseMs: 10_000 };

/** How often Node looks for late requests, milliseconds. */
const CHECK_MS = 1000;

/** A request of a scraper has a few hundred bytes. */
const MOST_HEADER_BYTES = 8192;
const PATH = '/metrics';

/** As on loopback, everybody on this host may read; the directory of the socket can say otherwise. */
const SOCKET_MODE = 0o666;

/** A server for the metrics. Clients are bounded in number, size and time, and nothing waits for them. */
export class Endpoint {
  readonly #server: Server;
  readonly #page: Page;
  readonly #address: ListenAddress;
  readonly #limits: ClientLimits;
  #opened: Opened | null = null;

  private constructor(address: ListenAddress, page: Page, limits: ClientLimits) {
    this.#address = address;
    this.#limits = limits;
    const { requestMs, responseMs } = limits;
    this.#page = page;
    this.#server = createServer(
      {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: Math.min(CHECK_MS, requestMs),
        keepAliveTimeout: requestMs,
        requireHostHeader: false,
      },
      (request, response) => void this.#answer(request, response),
    );
    paceClients(this.#server);
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('clientError', (_error, socket) => socket.destroy());
    // Expect: 100-continue announces a body, and there is no use for one.
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      void this.#answer(request, response)); // prettier-ignore
    this.#server.on('connection', (socket: Socket) =>
      socket.setTimeout(requestMs + responseMs, () => socket.destroy()),
    );
  }

  /** @throws SocketError when the address cannot be used */
  static async open(address: ListenAddress, page: Page, limits = LIMITS): Promise<Endpoint> {
    const endpoint = new Endpoint(address, page, limits);
    endpoint.#opened = await listenAt(endpoint.#server, address, SOCKET_MODE, null);
    endpoint.#server.unref();
    return endpoint;
  }

  /** Closes all connections at once. Never rejects. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await this.#opened?.remove();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const deadline = setTimeout(() => request.socket.destroy(), this.#limits.responseMs).unref();
    response.once('close', () => clearTimeout(deadline));
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, `only GET ${PATH} is here`);
    if (hasBody) return refuse(response, 413, 'a request for metrics has no body');
    if (this.#address.kind === 'tcp' && !isLocalHost(headers.host)) {
      return refuse(response, 421, 'the Host header must name this host: localhost, 127.0.0.1 or [::1]');
    }
    if (url.split('?', 1)[0] !== PATH) return refuse(response, 404, `the metrics are at ${PATH}`);
    const body = await this.#page.body().catch(() => null);
    if (body === null) return refuse(response, 500, 'internal error; the log of Ballast has its cause');
    response.writeHead(200, { 'content-type': this.#page.contentType, 'content-length': body.length });
    response.end(method === 'HEAD' ? undefined : body);
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  const text = `${why}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(text);
}
