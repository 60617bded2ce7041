import { lstat, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { PATHS } from '../../../src/control/api/paths.ts';
import { MOST_BODY_BYTES } from '../../../src/control/server/request.ts';
import { groupNumber } from '../../../src/control/server/group.ts';
import { ControlServer, LIMITS, type Handlers } from '../../../src/control/server/server.ts';
import { send } from '../../support/control-daemon.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-sock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const BIG = 'x'.repeat(1_000_000);

/** A server whose answers are the inputs of the handlers, but for two of them. */
async function serverOf(limits: Partial<typeof LIMITS> = {}, path = join(folder, 'control.sock')) {
  const errors: string[] = [];
  const echo = (input: object, client: string) => ({ input, client });
  const handlers = {
    ...Object.fromEntries(Object.keys(PATHS).map((name) => [name, echo])),
    policy: () => ({ text: BIG }),
    checkPolicy: () => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      return {};
    },
    config: () => {
      throw new Error('a defect of the test');
    },
  } as unknown as Handlers;
  const log = { error: (_fields: object, message: string) => errors.push(message) };
  const server = new ControlServer(handlers, log as never, { ...LIMITS, ...limits });
  onTestFinished(() => server.close());
  await server.listen('change', path, 0o660, null);
  return { server, path, errors };
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    onTestFinished(() => void socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

const closed = (socket: Socket): Promise<void> => {
  socket.on('error', () => undefined);
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
};

/** All that comes until the other end closes. */
async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closed(socket);
  return Buffer.concat(chunks).toString();
}

async function stillAnswers(path: string): Promise<void> {
  expect((await send(path, 'GET', '/v1/version')).status).toBe(200);
}

async function answersAgain(path: string): Promise<void> {
  await expect
    .poll(() =>
      send(path, 'GET', '/v1/version').then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
}

describe('a socket', () => {
  it('has its mode from the first moment, leaves nothing else, and is gone after the end', async () => {
    const { server, path } = await serverOf();
    expect((await lstat(path)).mode & 0o777).toBe(0o660);
    expect(await readdir(folder)).toEqual(['control.sock']);
    await server.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('that a killed daemon has left is replaced', async () => {
    const path = join(folder, 'control.sock');
    const killed = createServer();
    await new Promise<void>((resolve) => killed.listen(join(folder, 'other'), resolve));
    // Closing removes the path it was made with: what is left is a socket without a listener.
    await rename(join(folder, 'other'), path);
    await new Promise((resolve) => killed.close(resolve));
    await serverOf();
    await stillAnswers(path);
  });

  it('of a living daemon is not replaced, and stays when the other one ends', async () => {
    const { path } = await serverOf();
    const other = new ControlServer({} as Handlers, {} as never);
    await expect(other.listen('change', path, 0o660, null)).rejects.toThrow(
      'belongs to another process that still runs',
    );
    await other.close();
    await stillAnswers(path);
  });

  it.each([
    ['a file', (path: string) => writeFile(path, ''), 'is there and is no socket; remove it'],
    ['a directory', (path: string) => mkdir(path), 'is there and is no socket; remove it'],
    ['a link', (path: string) => symlink('/dev/null', path), 'is there and is no socket; remove it'],
  ])('is not made where %s is', async (_, make, message) => {
    await make(join(folder, 'control.sock'));
    await expect(serverOf()).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual(['control.sock']);
  });

  it('is not made where it cannot be, and the error says why', async () => {
    const long = join(folder, 'x'.repeat(100));
    await expect(serverOf({}, join(long, 'control.sock'))).rejects.toThrow('and Linux takes 107; set a shorter path');
    await expect(serverOf({}, join(folder, 'none', 'control.sock'))).rejects.toThrow('cannot be made: ');
  });

  it('takes its group from the file of groups', async () => {
    const file = join(folder, 'group');
    await writeFile(file, 'root:x:0:\nlibvirt:x:123:ana,ben\nbroken\n');
    expect(await groupNumber('libvirt', file)).toBe(123);
    expect(await groupNumber('77', file)).toBe(77);
    await expect(groupNumber('libvird', file)).rejects.toThrow('there is no group libvird in ');
  });
});

it('a pause does not wait until the thread has rested from a policy that took long', async () => {
  const { path } = await serverOf({ restShare: 200 });
  const policy = JSON.stringify({ files: [{ name: 'x', text: '1' }] });
  expect((await send(path, 'POST', '/v1/policy/check', policy)).status).toBe(200);
  let isChecked = false;
  const second = send(path, 'POST', '/v1/policy/check', policy).then(() => (isChecked = true));
  expect((await send(path, 'POST', '/v1/pause', '{"what": "all"}')).status).toBe(200);
  expect(isChecked).toBe(false);
  await second;
});

it('changes that are repeated without end are refused, and pauses are not', async () => {
  const { path } = await serverOf();
  const change = () => send(path, 'PUT', '/v1/log', '{"level": "info"}').then(({ status }) => status);
  for (let changes = 0; changes < 100; changes++) expect(await change()).toBe(200);
  await expect.poll(change, { interval: 0 }).toBe(429);
  expect((await send(path, 'POST', '/v1/pause', '{"what": "all"}')).status).toBe(200);
  expect((await send(path, 'GET', '/v1/version')).status).toBe(200);
});

it('a client cannot end its name before its end', async () => {
  const { path } = await serverOf();
  const socket = await connected(path);
  socket.write(
    'GET /v1/version HTTP/1.1\r\nhost: x\r\nconnection: close\r\nballast-client: ana" through control.sock, not by "b\r\n\r\n',
  );
  expect(await all(socket)).toContain(
    String.raw`"client":"\"ana' through control.sock, not by 'b\" through control.sock"`,
  );
});

describe('a foreign client', () => {
  it('that sends garbage gets 400 and loses its connection', async () => {
    const { path, errors } = await serverOf();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (bytes) => {
        const socket = await connected(path);
        socket.end(bytes);
        const text = await all(socket);
        expect(text === '' || /^HTTP\/1\.1 4\d\d /.test(text), text).toBe(true);
        await stillAnswers(path);
      }),
      { numRuns: 200 },
    );
    expect(errors).toEqual([]);
  });

  it('that sends any JSON to any route gets an answer, and never a defect', async () => {
    const { path, errors } = await serverOf();
    const route = fc.constantFrom(...Object.values(PATHS).filter(({ path: of }) => of !== '/v1/config'));
    const name = fc.string({ unit: 'binary', maxLength: 20 });
    const query = fc.array(fc.tuple(fc.constantFrom('guest', 'since', 'limit', 'at', 'label', '__proto__'), name), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(route, name, query, fc.json(), async ({ method, path: of }, param, pairs, body) => {
        const filled = of.replace(/\{\w+\}/, encodeURIComponent(param.replace(/[\uD800-\uDFFF]/g, '') || 'x'));
        const search = pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
        const hasBody = method === 'PUT' || method === 'POST';
        const { status, type } = await send(path, method, `${filled}${search}`, hasBody ? body : undefined);
        expect([200, 400, 404, 429]).toContain(status);
        expect(type).toBe(status === 200 ? 'application/json' : 'application/problem+json');
      }),
      { numRuns: 500 },
    );
    expect(errors).toEqual([]);
  });

  it('that announces a huge body is refused before it sends any', async () => {
    const { path } = await serverOf();
    const socket = await connected(path);
    socket.write('POST /v1/pause HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n');
    expect(await all(socket)).toMatch(/^HTTP\/1\.1 413 [^]*the body has more than 4194304 bytes/);
  });

  it('that sends a huge body in chunks is cut off at the limit', async () => {
    const { path } = await serverOf();
    const socket = await connected(path);
    socket.write('POST /v1/pause HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;
    let sent = 0;
    const more = (): void => {
      while (!socket.destroyed && socket.writable && sent < 1e9) {
        sent += 65_536;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
    };
    const answer = all(socket);
    more();
    await answer;
    expect(sent).toBeLessThan(2 * MOST_BODY_BYTES);
    await stillAnswers(path);
  });

  it('that sends a deep or wrong body gets a problem', async () => {
    const { path } = await serverOf();
    const deep = '['.repeat(2_000_000) + ']'.repeat(2_000_000);
    expect((await send(path, 'POST', '/v1/pause', deep)).status).toBe(400);
    expect((await send(path, 'POST', '/v1/pause', `{"what": "${'x'.repeat(4_000_000)}"}`)).status).toBe(400);
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 150_000 }, (_, at) => [`key${at}`, at])));
    expect(await send(path, 'POST', '/v1/pause', many)).toMatchObject({
      status: 400,
      body: { detail: 'the body has more than 20000 values' },
    });
    const quoted = JSON.stringify({ files: [{ name: 'x', text: '",[{\\"'.repeat(30_000) }] });
    expect((await send(path, 'PUT', '/v1/policy', quoted)).status).toBe(200);
    const guests = Array.from({ length: 10_000 }, (_, at) => `guest-${at}`);
    expect((await send(path, 'POST', '/v1/release', JSON.stringify({ guests }))).status).toBe(200);
    const header = await connected(path);
    header.write(`GET /v1/version HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await all(header)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    ['nothing', ''],
    ['half a header', 'GET /v1/version HTTP/1.1\r\nhos'],
    ['half a body', 'POST /v1/pause HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"what"'],
  ])('that sends %s is cut off', async (_, text) => {
    const { path } = await serverOf({ requestMs: 100, idleMs: 100 });
    const socket = await connected(path);
    socket.write(text);
    await all(socket);
    await stillAnswers(path);
  });

  it('that does not read its answer is cut off', async () => {
    const { path } = await serverOf({ requestMs: 50, answerMs: 100 });
    const socket = await connected(path);
    socket.pause();
    socket.write('GET /v1/policy HTTP/1.1\r\nhost: x\r\n\r\n');
    // The kernel says so only to who writes or reads.
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      const poke = setInterval(() => socket.write(' '), 20);
      onTestFinished(() => clearInterval(poke));
    });
    // With limits that short, a busy machine may drop an honest client, too.
    await answersAgain(path);
  });

  it('beyond the most connections is closed at once, and all others get their answer', async () => {
    const { path } = await serverOf({ connections: { read: 5, change: 5 } });
    const idle = await Promise.all(Array.from({ length: 5 }, () => connected(path)));
    const more = await connected(path).catch(() => null);
    if (more !== null) await closed(more);
    idle[0]!.destroy();
    await closed(idle[0]!);
    await answersAgain(path);
  });

  it('that asks for much at once, with 200 others, takes no more memory than is allowed', async () => {
    const { path } = await serverOf({ connections: { read: 300, change: 300 }, unreadBytes: 10_000_000 });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connected(path)));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.pause();
      socket.write('GET /v1/policy HTTP/1.1\r\nhost: x\r\n\r\n');
    }
    await answersAgain(path);
  });

  it('that asks for much without waiting and goes away takes nothing of what is allowed', async () => {
    const { path } = await serverOf({ unreadBytes: 3_000_000 });
    const asking = async (times: number): Promise<Socket> => {
      const socket = await connected(path);
      socket.write('GET /v1/policy HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(times));
      // As soon as the answers are on their way, which do not fit into the buffers of the kernel.
      await new Promise((resolve) => socket.once('readable', resolve));
      return socket;
    };
    (await asking(3)).destroy();
    await answersAgain(path);
    await asking(1);
    expect((await send(path, 'GET', '/v1/policy')).status).toBe(200);
  });

  it('that meets a defect gets 500, and the log has it', async () => {
    const { path, errors } = await serverOf();
    const answer = await send(path, 'GET', '/v1/config');
    expect(answer).toMatchObject({
      status: 500,
      body: { detail: expect.stringContaining('a defect of the test') as string },
    });
    expect(errors).toEqual([expect.stringMatching(/^A defect in the answer to GET \/v1\/config, please report it: /)]);
  });

  it.each([
    ['offers another protocol gets its answer in this one', 'GET /v1/version HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n', /^HTTP\/1\.1 200 /], // prettier-ignore
    ['asks for a tunnel is cut off', 'CONNECT example.org:80 HTTP/1.1\r\nhost: x\r\n\r\n', /^$/],
  ])('that %s', async (_, text, answer) => {
    const { path } = await serverOf({ idleMs: 100 });
    const socket = await connected(path);
    socket.write(text);
    expect(await all(socket)).toMatch(answer);
  });
});
