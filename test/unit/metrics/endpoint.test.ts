import { once } from 'node:events';
import { link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttp, request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Endpoint, type Page } from '../../../src/metrics/endpoint.ts';
import { HTTP_LIMITS, type HttpLimits } from '../../../src/serve/bounded-http.ts';
import { eventually } from '../../support/eventually.ts';
import type { ListenAddress } from '../../../src/support/listen-address.ts';
import { freePort } from '../../support/free-port.ts';

const PAGE: Page = {
  contentType: 'text/plain; version=0.0.4',
  body: () => Promise.resolve(Buffer.from('a_metric 1\n')),
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-metrics-'));
  path = join(folder, 'metrics.sock');
});
afterEach(() => rm(folder, { recursive: true }));

async function opened(
  address: ListenAddress = { kind: 'unix', path },
  page: Page = PAGE,
  limits?: HttpLimits,
): Promise<Endpoint> {
  const endpoint = await Endpoint.open(address, page, limits);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

/** Sends bytes and returns everything up to the end of the connection. */
async function exchange(bytes: string | Buffer, to: { path: string } | { port: number } = { path }): Promise<string> {
  const socket = connect(to);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // The server may close while this side still writes.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(received).toString();
}

/** Connections that the server has at the path, as the kernel sees them: a client that does not read does not notice its end. */
async function accepted(): Promise<number> {
  const CONNECTED = '03';
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter((fields) => fields[5] === CONNECTED && fields[7] === path).length;
}

const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nConnection: close\r\n${more}\r\n`;

describe('the endpoint of the metrics', () => {
  it('gives the page on a unix socket, which everybody may read, and removes the socket at the end', async () => {
    const endpoint = await opened();
    expect(await exchange(get('/metrics?x=1'))).toMatch(/^HTTP\/1.1 200 [^]*content-type: text\/plain; version=0.0.4\r\n[^]*\r\n\r\na_metric 1\n$/); // prettier-ignore
    expect((await stat(path)).mode & 0o777).toBe(0o666);
    await endpoint.close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('gives it on loopback, to those who name this host', async () => {
    const port = await freePort();
    await opened({ kind: 'tcp', host: '127.0.0.1', port });
    for (const host of ['127.0.0.1', `localhost:${port}`, '[::1]', '127.1.2.3:1'])
      expect(await exchange(get('/metrics', `Host: ${host}\r\n`), { port })).toMatch(/^HTTP\/1.1 200 /);
    for (const host of ['evil.example', `127.0.0.1.evil.example:${port}`, '10.0.0.1', ''])
      expect(await exchange(get('/metrics', `Host: ${host}\r\n`), { port })).toMatch(
        /^HTTP\/1.1 421 [^]*must name this host/,
      );
  });

  it.each([
    ['another path', get('/'), /^HTTP\/1.1 404 [^]*the metrics are at \/metrics\n$/],
    ['a path that only begins with it', get('/metrics/..'), /^HTTP\/1.1 404 /],
    ['another method', 'POST /metrics HTTP/1.1\r\n\r\n', /^HTTP\/1.1 405 [^]*allow: GET, HEAD/],
    ['a body', get('/metrics', 'Content-Length: 1000000000\r\n'), /^HTTP\/1.1 413 /],
    ['a body of unknown length', get('/metrics', 'Transfer-Encoding: chunked\r\n'), /^HTTP\/1.1 413 /],
    ['a body that is announced', get('/metrics', 'Expect: 100-continue\r\nContent-Length: 5\r\n'), /^HTTP\/1.1 413 /],
    ['another Expect', get('/metrics', 'Expect: a miracle\r\n'), /^HTTP\/1.1 417 /],
    ['an upgrade', get('/metrics', 'Connection: upgrade\r\nUpgrade: websocket\r\n'), /^HTTP\/1.1 200 /],
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 [^]*content-type: text\/plain[^]*the request is not HTTP\n$/],
    ['bytes', Buffer.alloc(70_000, 0xff), /^HTTP\/1.1 400 |^$/],
    [
      'a header without an end',
      `GET /metrics HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`,
      /^HTTP\/1.1 431 [^]*has more than 8192 bytes\n$|^$/,
    ],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
  ])('answers %s with an error, and goes on', async (_what, bytes, answer) => {
    await opened();
    expect(await exchange(bytes)).toMatch(answer);
    expect(await exchange(get('/metrics'))).toContain('a_metric 1');
  });

  it('says so when the page cannot be rendered', async () => {
    await opened({ kind: 'unix', path }, { ...PAGE, body: () => Promise.reject(new Error('secret')) });
    expect(await exchange(get('/metrics'))).toMatch(
      /^HTTP\/1.1 500 [^]*internal error; the log of Ballast has its cause\n$/,
    );
  });

  it('serves again after more clients than it admits have been there', async () => {
    await opened();
    const silent = Array.from({ length: 200 }, () =>
      connect({ path })
        .on('error', () => undefined)
        .resume(),
    );
    // Connections beyond the limit are closed at once.
    await eventually(() => expect(silent.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(200 - 32));
    for (const socket of silent) socket.destroy();
    await eventually(async () => expect(await exchange(get('/metrics'))).toContain('a_metric 1'));
  });

  it.each([
    ['says nothing', ''],
    ['stops in the middle of a header', 'GET /metrics HTTP/1.1\r\nX: '],
    ['asks and does not read', get('/metrics')],
    ['asks a thousand times and does not read', 'GET /metrics HTTP/1.1\r\n\r\n'.repeat(1000)],
    ['keeps its connection', 'GET /other HTTP/1.1\r\n\r\n'],
  ])('drops a client that %s, and serves others meanwhile', async (_what, bytes) => {
    const body = Buffer.alloc(1_000_000, 'a');
    const limits = { ...HTTP_LIMITS, requestMs: 200, idleMs: 200, answerMs: 300 };
    await opened({ kind: 'unix', path }, { ...PAGE, body: () => Promise.resolve(body) }, limits);
    const stalled = connect({ path }).on('error', () => undefined);
    await once(stalled, 'connect');
    stalled.write(bytes);
    // With limits that short, a busy machine may drop an honest client, too.
    await eventually(async () => {
      const answer = await exchange(get('/metrics'));
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toHaveLength(body.length);
    });
    await eventually(async () => expect(await accepted()).toBe(0));
    stalled.destroy();
  });

  it('survives whatever bytes come, in whatever pieces', async () => {
    await opened();
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('GET /metrics HTTP/1.1\r\n', 'Host: x\r\n', 'Content-Length: 9\r\n', '\r\n\r\n', 'POST ', '\0').map((part) => Buffer.from(part)), // prettier-ignore
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const socket = connect({ path }).on('error', () => undefined);
        for (const bytes of pieces) socket.write(bytes);
        socket.end();
        socket.resume();
        await new Promise((resolve) => socket.once('close', resolve));
        expect(await exchange(get('/metrics'))).toContain('a_metric 1');
      }),
      { numRuns: 100 },
    );
  });

  it('closes at once, with clients that are in the middle of something', async () => {
    let reached = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const body = (): Promise<Buffer> => {
      reached();
      return new Promise(() => undefined);
    };
    const endpoint = await opened({ kind: 'unix', path }, { ...PAGE, body });
    const half = exchange('GET /metr');
    const waiting = exchange(get('/metrics'));
    await isAsked;
    await endpoint.close();
    expect(await Promise.all([waiting, half])).toEqual(['', '']);
  });
});

describe('a path that is taken', () => {
  it('is replaced when it is the socket of a process that was killed', async () => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    const stale = join(folder, 'stale.sock');
    await link(path, stale);
    server.close();
    await once(server, 'close');
    await opened({ kind: 'unix', path: stale });
    expect(await exchange(get('/metrics'), { path: stale })).toContain('a_metric 1');
  });

  it('is not touched when somebody listens, or when it is anything else', async () => {
    const other = createHttp((_request, response) => response.end('other')).listen(path);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    await expect(Endpoint.open({ kind: 'unix', path }, PAGE)).rejects.toThrow(
      `${path} belongs to another process that still runs`,
    );
    const response = request({ socketPath: path }).end();
    const [message] = (await once(response, 'response')) as [{ statusCode: number; resume(): void }];
    message.resume();
    expect(message.statusCode).toBe(200);
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    await expect(Endpoint.open({ kind: 'unix', path: file }, PAGE)).rejects.toThrow(
      `${file} is there and is no socket; remove it`,
    );
    expect((await stat(file)).size).toBe(4);
  });

  it.each([
    ['no-such-folder/x', /cannot be made: .*director/],
    ['file/x', /cannot be made: its path leads through a file/],
    ['a'.repeat(107), /has \d+ bytes, and Linux takes 107/],
  ])('%s is said in plain words', async (name, why) => {
    await writeFile(join(folder, 'file'), '');
    const address = { kind: 'unix', path: join(folder, name) } as const;
    const problem = await Endpoint.open(address, PAGE).catch((error: Error) => error.message);
    expect(problem).toMatch(why);
    expect(problem).toContain(address.path);
  });

  it('is a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(Endpoint.open({ kind: 'tcp', host: '127.0.0.1', port }, PAGE)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program uses this port`,
    );
  });
});
