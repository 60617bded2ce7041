import type { IncomingMessage } from 'node:http';
import { BoundedHttp, HTTP_LIMITS, type HttpLimits, type Reply } from '../serve/bounded-http.ts';
import { listenAt } from '../serve/listening.ts';
import type { ListenAddress } from '../support/listen-address.ts';
import { isLocalHost } from '../support/local-host.ts';

export interface Page {
  readonly contentType: string;
  /** Called for each request. If it rejects, the client is told to look into the log. */
  body(): Promise<Buffer>;
}

/** A scraper needs one connection. */
const MOST_CONNECTIONS = 32;

const PATH = '/metrics';

/** As on loopback, everybody on this host may read; the directory of the socket can say otherwise. */
const SOCKET_MODE = 0o666;

/** A server for the metrics. */
export class Endpoint {
  readonly #http: BoundedHttp;
  readonly #page: Page;
  readonly #address: ListenAddress;

  private constructor(address: ListenAddress, page: Page, limits: HttpLimits) {
    this.#address = address;
    this.#page = page;
    this.#http = new BoundedHttp(limits);
  }

  /** @throws SocketError when the address cannot be used */
  static async open(address: ListenAddress, page: Page, limits: HttpLimits = HTTP_LIMITS): Promise<Endpoint> {
    const endpoint = new Endpoint(address, page, limits);
    await endpoint.#http.listen(
      {
        connections: MOST_CONNECTIONS,
        takesBodies: false,
        answer: (request) => endpoint.#answer(request),
        failed: () => refusal(500, 'internal error; the log of Ballast has its cause'),
        refused: refusal,
      },
      async (server) => {
        const opened = await listenAt(server, address, SOCKET_MODE, null);
        server.unref();
        return opened;
      },
    );
    return endpoint;
  }

  /** Closes all connections at once. Never rejects. */
  close(): Promise<void> {
    return this.#http.close();
  }

  async #answer({ method = '', url = '', headers }: IncomingMessage): Promise<Reply> {
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, `only GET ${PATH} is here`, { allow: 'GET, HEAD' });
    if (hasBody) return refusal(413, 'a request for metrics has no body');
    if (this.#address.kind === 'tcp' && !isLocalHost(headers.host))
      return refusal(421, 'the Host header must name this host: localhost, 127.0.0.1 or [::1]');
    if (url.split('?', 1)[0] !== PATH) return refusal(404, `the metrics are at ${PATH}`);
    const bytes = await this.#page.body();
    // The same bytes for all who ask until the page changes.
    return { status: 200, headers: { 'content-type': this.#page.contentType }, bytes, ownBytes: 0 };
  }
}

function refusal(status: number, why: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const bytes = Buffer.from(`${why}\n`);
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close', ...headers },
    bytes,
    ownBytes: bytes.length,
  };
}
