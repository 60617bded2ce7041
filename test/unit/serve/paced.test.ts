import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { paceClients } from '../../../src/serve/paced.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-paced-'));
  path = join(folder, 'paced.sock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function serve(handler: RequestListener): Promise<void> {
  const server = createServer(handler);
  paceClients(server);
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

async function connected(): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true }).on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

describe('clients that send requests without waiting for an answer', () => {
  it('get one piece at a time handled, however many there are', async () => {
    let [handled, mostAtOnce, inThisTurn] = [0, 0, 0];
    await serve((_request, response) => {
      handled += 1;
      inThisTurn += 1;
      if (inThisTurn === 1) setImmediate(() => ([mostAtOnce, inThisTurn] = [Math.max(mostAtOnce, inThisTurn), 0]));
      response.end('yes');
    });
    const sockets = await Promise.all(Array.from({ length: 20 }, connected));
    for (const socket of sockets) {
      socket.resume();
      socket.write(GET.repeat(500));
    }
    await eventually(() => expect(handled).toBeGreaterThan(200));
    // Some 18 of these requests are in 512 bytes.
    expect(mostAtOnce).toBeLessThanOrEqual(2 * 18);
  });

  it('are cut off when too many wait behind a body', async () => {
    let asked = 0;
    await serve(() => (asked += 1));
    const socket = await connected();
    socket.resume();
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n${'b'.repeat(1000)}${GET.repeat(1000)}`);
    await new Promise<void>((resolve) => socket.once('end', resolve).once('close', () => resolve()));
    expect(asked).toBeGreaterThan(32);
  });

  it('get all their answers, in order, if they wait in the end', async () => {
    let asked = 0;
    await serve((_request, response) => response.end(`(${(asked += 1)})`));
    const socket = await connected();
    socket.end(`${GET.repeat(99)}GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    const answers = [
      ...Buffer.concat(chunks)
        .toString()
        .matchAll(/\((\d+)\)/g),
    ].map(([, number]) => Number(number));
    expect(answers).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  });
});

describe('an honest client', () => {
  const echo: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(Buffer.concat(chunks)));
  };

  it('gets its answer, in whatever pieces its request comes, and on one connection after the other', async () => {
    await serve(echo);
    const pieces = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300_000 }), pieces, fc.boolean(), async (length, cuts, isHalfOpen) => {
        const socket = await connected();
        const body = Buffer.alloc(length, 'b');
        const head = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
        let rest = Buffer.concat([Buffer.from(head), body]);
        for (let at = 0; rest.length > 0; at += 1) {
          const cut = cuts[at % cuts.length]!;
          socket.write(rest.subarray(0, cut));
          rest = rest.subarray(cut);
          if (at > 100) [rest] = [Buffer.alloc(0), socket.write(rest)];
        }
        if (isHalfOpen) socket.end();
        const chunks: Buffer[] = [];
        for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
        const answer = Buffer.concat(chunks);
        expect(answer.subarray(0, 12).toString()).toBe('HTTP/1.1 200');
        expect(answer.subarray(answer.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
