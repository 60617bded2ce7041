import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MomServer } from '../../../../src/control/mom/server.ts';
import { ApiError } from '../../../../src/control/server/api-error.ts';
import type { Call } from '../../../../src/control/server/server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-mom-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const PING = '<methodCall><methodName>ping</methodName></methodCall>';
const STATISTICS = '<methodCall><methodName>getStatistics</methodName></methodCall>';

async function serverOf(kind: 'unix' | 'tcp', call: Partial<Record<string, () => unknown>> = {}) {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const errors: string[] = [];
  const log = { error: (_fields: object, message: string) => errors.push(message) };
  const address = kind === 'unix' ? { kind, path: join(folder, 'm') } : { kind, host: '127.0.0.1', port };
  const server = new MomServer(address, ((name: string) => Promise.resolve(call[name]?.())) as Call, log as never);
  onTestFinished(() => server.close());
  await server.listen(null);
  const to = kind === 'unix' ? { socketPath: join(folder, 'm') } : { host: '127.0.0.1', port };
  const send = async (body: string | Buffer, headers: object = {}, method = 'POST', path = '/RPC2') => {
    const sent = request({ ...to, method, path, agent: false, headers: { 'content-type': 'text/xml', ...headers } });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, text: await text(response) };
  };
  return { send, errors, address };
}

describe('the address of MOM', () => {
  it.each([
    ['another path', {}, 'POST', '/RPC3', 404, "MOM's verbs are at /RPC2"],
    ['another method', {}, 'GET', '/RPC2', 405, '/RPC2 takes POST, not GET'],
    ['the question of a browser', { origin: 'http://x' }, 'OPTIONS', '/RPC2', 405, 'not OPTIONS'],
    ['a page of the web', { origin: 'http://x' }, 'POST', '/RPC2', 403, 'pages of the web'],
    ['the type of a form', { 'content-type': 'text/plain' }, 'POST', '/RPC2', 415, 'must be text/xml, not text/plain'],
    ['another host name', { host: 'evil.example' }, 'POST', '/RPC2', 421, 'the Host header must name this host'],
    ['something compressed', { 'content-encoding': 'gzip' }, 'POST', '/RPC2', 415, 'must not be compressed: gzip'],
    ['a huge body', { 'content-length': '1000000000' }, 'POST', '/RPC2', 413, 'more than 4194304 bytes'],
  ])('refuses %s', async (_, headers, method, path, status, detail) => {
    const { send } = await serverOf('tcp');
    const answer = await send('', headers, method, path);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(detail);
  });

  it('answers whatever host name a client over a unix socket gives', async () => {
    const { send } = await serverOf('unix');
    expect((await send(PING, { host: '2f72756e' })).text).toContain('<boolean>1</boolean>');
    expect((await send(PING, {}, 'POST', '/')).status).toBe(200);
  });

  it('answers any body with a fault, and is no worse for it', async () => {
    const { send, errors } = await serverOf('unix');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        const { status, text: body } = await send(Buffer.from(bytes));
        expect(status).toBe(200);
        expect(body).toContain("not a call of MOM's verbs: ");
      }),
      { numRuns: 100 },
    );
    expect((await send(PING)).text).toContain('<boolean>1</boolean>');
    expect(errors).toEqual([]);
  });

  it('says what a route says, and that there is nothing yet', async () => {
    const busy = () => {
      throw new ApiError(503, '32 such requests wait already');
    };
    expect((await (await serverOf('tcp', { statistics: busy })).send(STATISTICS)).text).toContain('32 such requests wait already'); // prettier-ignore
    const nothing = () => ({ time: null, host: null, guests: [] });
    expect((await (await serverOf('unix', { statistics: nothing })).send(STATISTICS)).text).toContain('there are no statistics of the host yet'); // prettier-ignore
  });

  it('calls a defect one, in the answer and in the log', async () => {
    const { send, errors } = await serverOf('unix', { statistics: () => { throw new TypeError('x of null'); } }); // prettier-ignore
    expect((await send(STATISTICS)).text).toContain(
      'a defect in Ballast, please report it; its log has the stack: x of null',
    );
    expect(errors).toHaveLength(1);
  });

  it('that another program has is not taken', async () => {
    const { address } = await serverOf('tcp');
    const second = new MomServer(address, (() => undefined) as never, {} as never);
    await expect(second.listen(null)).rejects.toThrow(
      /^cannot listen on 127\.0\.0\.1:\d+: another program uses this port$/,
    );
    await second.close();
  });
});
