import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../src/connect.ts';
import type { Connection } from '../src/connection.ts';
import { LibvirtError, type LibvirtConnectionError } from '../src/errors.ts';
import type { Message } from '../src/frames.ts';
import { MESSAGE_TYPE, PROGRAM, REMOTE, STATUS } from '../src/protocol.ts';
import { argumentsOf, startRawServer, type Peer, type RawServer } from './raw-server.ts';

/** The timeout only guards against hangs. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 30_000);

let server: RawServer;
let connection: Connection;
const quiet = { keepalive: { intervalMs: 0, count: 0 } };

beforeEach(async () => {
  server = await startRawServer();
  connection = await connect({ uri: 'test:///default', socketPath: server.path, ...quiet });
});

afterEach(async () => {
  vi.useRealTimers();
  await connection.close(0);
  await server.close();
});

function peer(): Peer {
  const first = server.peers[0];
  if (first === undefined) throw new Error('no client has connected');
  return first;
}

/** Collects calls of one procedure without replying; the test replies. */
function hold(procedure: number): Message[] {
  const held: Message[] = [];
  server.handler = (_peer, call) => {
    if (call.header.procedure !== procedure) return false;
    held.push(call);
    return true;
  };
  return held;
}

const HOSTNAME = REMOTE.CONNECT_GET_HOSTNAME.procedure;
const LOOKUP = REMOTE.DOMAIN_LOOKUP_BY_NAME.procedure;
const text = (value: string) => (w: { string(text: string, max: number): unknown }) => w.string(value, 1000);

describe('replies', () => {
  test('are matched to their calls in any order', async () => {
    const held = hold(LOOKUP);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const calls = names.map((name) => connection.lookupByName(name));
    await eventually(() => expect(held).toHaveLength(5));
    for (const call of held.toReversed()) {
      const name = argumentsOf(call).string(100);
      peer().reply(call, (w) => w.string(name, 100).fixedOpaque(Buffer.alloc(16, 7)).int(-1));
    }
    expect((await Promise.all(calls)).map(({ name }) => name)).toEqual(names);
  });

  test('with errors have code and domain by name and as sent', async () => {
    server.handler = (p, call) =>
      call.header.procedure === LOOKUP
        ? (p.fail(call, 42, 10, "Domain not found: no domain with matching name 'x'"), true)
        : false;
    const error = await connection.lookupByName('x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      code: 'NO_DOMAIN',
      codeNumber: 42,
      domain: 'QEMU',
      domainNumber: 10,
      level: 2,
      procedure: 'DOMAIN_LOOKUP_BY_NAME',
      message: "Domain not found: no domain with matching name 'x'",
      numbers: [-1, -1],
      strings: [null, null, null],
    });
    server.handler = (p, call) => (p.fail(call, 4242, -1, null), true);
    expect(await connection.lookupByName('x').catch((e: unknown) => e)).toMatchObject({
      code: 'UNKNOWN',
      codeNumber: 4242,
      domain: 'UNKNOWN',
    });
  });
});

describe('an abandoned call', () => {
  test('times out, and its late reply is ignored', async () => {
    const held = hold(HOSTNAME);
    await expect(connection.getHostname({ timeoutMs: 20 })).rejects.toMatchObject({
      name: 'LibvirtTimeoutError',
      procedure: 'CONNECT_GET_HOSTNAME',
      timeoutMs: 20,
    });
    expect(connection.outstandingCalls).toBe(1);
    const second = connection.getHostname();
    await eventually(() => expect(held).toHaveLength(2));
    const [late, current] = held;
    if (late === undefined || current === undefined) throw new Error('two calls were held');
    peer().reply(late, text('late'));
    peer().reply(current, text('current'));
    expect(await second).toBe('current');
    expect(connection.outstandingCalls).toBe(0);
    expect(connection.closed).toBe(false);
  });

  test('ignores a late error', async () => {
    const held = hold(HOSTNAME);
    await expect(connection.getHostname({ timeoutMs: 20 })).rejects.toThrow();
    peer().fail(held[0] as Message, 1, 0, 'late');
    await eventually(() => expect(connection.outstandingCalls).toBe(0));
    expect(connection.closed).toBe(false);
  });

  test('uses the timeout of the connection by default', async () => {
    const strict = await connect({ uri: 'test:///default', socketPath: server.path, callTimeoutMs: 20, ...quiet });
    hold(HOSTNAME);
    await expect(strict.getHostname()).rejects.toMatchObject({ timeoutMs: 20 });
    await strict.close(0);
  });

  test('rejects with the signal’s reason when aborted', async () => {
    hold(HOSTNAME);
    const controller = new AbortController();
    const call = connection.getHostname({ signal: controller.signal });
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(connection.getHostname({ signal: controller.signal })).rejects.toBe(reason);
    expect(connection.outstandingCalls).toBe(1);
  });
});

describe('a lost connection', () => {
  test('rejects all pending calls immediately and emits close', async () => {
    const held = hold(HOSTNAME);
    const reasons: LibvirtConnectionError[] = [];
    connection.on('close', (reason) => reasons.push(reason));
    const calls = Promise.allSettled([
      connection.getHostname(),
      connection.getHostname(),
      connection.getHostname({ timeoutMs: 0 }),
    ]);
    await eventually(() => expect(held).toHaveLength(3));
    peer().socket.destroy();
    for (const result of await calls)
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'LibvirtConnectionError' } });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]?.code).toMatch(/HANGUP|ECONNRESET/);
    await expect(connection.getHostname()).rejects.toBe(reasons[0]);
  });

  test('in the middle of a message rejects the call', async () => {
    const held = hold(HOSTNAME);
    const call = connection.getHostname();
    const rejected = expect(call).rejects.toMatchObject({ code: 'HANGUP' });
    await eventually(() => expect(held).toHaveLength(1));
    peer().socket.end(Buffer.from('0000004020008086', 'hex'));
    await rejected;
  });

  test('rejects pending calls with CLOSED after close', async () => {
    hold(HOSTNAME);
    const rejected = expect(connection.getHostname()).rejects.toMatchObject({ code: 'CLOSED' });
    await connection.close();
    await rejected;
    await connection.close();
  });
});

describe('invalid data closes the connection with an error', () => {
  const reply = { type: MESSAGE_TYPE.REPLY, program: PROGRAM.REMOTE };
  test.each<[string, (p: Peer, call: Message) => void]>([
    ['an impossible length', (p) => p.socket.write(Buffer.alloc(64, 0xff))],
    ['text', (p) => p.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a reply to no call', (p, call) => p.send({ ...reply, procedure: HOSTNAME, serial: call.header.serial + 1000 })],
    ['a reply of another procedure', (p, call) => p.send({ ...reply, procedure: LOOKUP, serial: call.header.serial })],
    ['a reply of another program', (p, call) => p.send({ ...call.header, ...reply, program: PROGRAM.QEMU })],
    ['another version', (p, call) => p.send({ ...call.header, ...reply, version: 2 })],
    ['an unknown program', (p, call) => p.send({ ...call.header, program: 1, type: MESSAGE_TYPE.MESSAGE })],
    ['a call', (p, call) => p.send({ ...call.header, type: MESSAGE_TYPE.CALL })],
    ['an invalid status', (p, call) => p.send({ ...call.header, ...reply, status: 2 })],
    ['a reply that is too short', (p, call) => p.send({ ...call.header, ...reply }, Buffer.alloc(2))],
    ['a reply that is too long', (p, call) => p.reply(call, (w) => w.string('host', 10).int(1))],
    [
      'an error that cannot be read',
      (p, call) => p.send({ ...call.header, ...reply, status: STATUS.ERROR }, Buffer.alloc(3)),
    ],
    [
      'an event that cannot be read',
      (p) =>
        p.send(
          { type: MESSAGE_TYPE.MESSAGE, procedure: REMOTE.DOMAIN_EVENT_CALLBACK_LIFECYCLE.procedure },
          Buffer.alloc(3),
        ),
    ],
    [
      'an unknown keepalive message',
      (p) => p.send({ program: PROGRAM.KEEPALIVE, procedure: 3, type: MESSAGE_TYPE.MESSAGE }),
    ],
  ])('%s', async (_name, send) => {
    server.handler = (p, call) => (send(p, call), true);
    await expect(connection.getHostname()).rejects.toMatchObject({ name: 'LibvirtConnectionError', code: 'PROTOCOL' });
    expect(connection.closed).toBe(true);
  });

  test('and later data is ignored', async () => {
    const held = hold(HOSTNAME);
    const call = connection.getHostname();
    const rejected = expect(call).rejects.toMatchObject({ code: 'PROTOCOL' });
    await eventually(() => expect(held).toHaveLength(1));
    peer().socket.cork();
    peer().send({ ...reply, procedure: HOSTNAME, serial: 9999 });
    peer().reply(held[0] as Message, text('too late'));
    peer().socket.uncork();
    await rejected;
  });

  test('unknown events are ignored', async () => {
    peer().send({ type: MESSAGE_TYPE.MESSAGE, procedure: 9999 }, Buffer.alloc(40, 1));
    server.handler = (p, call) => (call.header.procedure === HOSTNAME ? (p.reply(call, text('host')), true) : false);
    expect(await connection.getHostname()).toBe('host');
  });
});

describe('arguments that cannot be sent', () => {
  test('are rejected without affecting the connection', async () => {
    await expect(connection.lookupByUuid('nonsense')).rejects.toThrow(TypeError);
    await expect(connection.setMemory({ uuid: '0'.repeat(32) }, 1.5)).rejects.toThrow(RangeError);
    await expect(connection.lookupByName('x'.repeat(5_000_000))).rejects.toThrow(RangeError);
    expect(connection.outstandingCalls).toBe(0);
    expect(connection.closed).toBe(false);
  });
});

describe('events', () => {
  function lifecycle(name: string): void {
    peer().reply(
      peer().received.at(-1) as Message,
      (w) => w.int(5).string(name, 100).fixedOpaque(Buffer.alloc(16)).int(3).int(2).int(0),
      {
        type: MESSAGE_TYPE.MESSAGE,
        procedure: REMOTE.DOMAIN_EVENT_CALLBACK_LIFECYCLE.procedure,
        serial: 0,
      },
    );
  }

  test('share one registration, which ends with the last listener', async () => {
    const calls: string[] = [];
    server.handler = (p, call) => {
      const { procedure } = call.header;
      if (procedure === REMOTE.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY.procedure) {
        const id = argumentsOf(call).int();
        calls.push(`register ${id}`);
        // An event may arrive before the reply.
        if (id === 0) lifecycle('early');
        p.reply(call, (w) => w.int(5));
      } else if (procedure === REMOTE.CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY.procedure) {
        calls.push(`deregister ${argumentsOf(call).int()}`);
        p.reply(call);
      } else return false;
      return true;
    };
    const seen: string[] = [];
    const listener = ({ domain }: { domain: { name: string } }): void => void seen.push(domain.name);
    const [stopOne, stopTwo] = await Promise.all([
      connection.subscribe('lifecycle', listener),
      connection.subscribe('lifecycle', listener),
    ]);
    lifecycle('guest');
    await eventually(() => expect(seen).toEqual(['early', 'early', 'guest', 'guest']));
    await stopOne();
    await stopOne();
    expect(calls).toEqual(['register 0']);
    await stopTwo();
    expect(calls).toEqual(['register 0', 'deregister 5']);
    const stop = await connection.subscribe('balloonChange', () => undefined);
    expect(calls.at(-1)).toBe('register 13');
    await connection.close();
    await stop();
  });

  test('remove the listener when the registration is refused', async () => {
    let refuse = true;
    server.handler = (p, call) => {
      if (call.header.procedure !== REMOTE.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY.procedure) return false;
      if (refuse) p.fail(call, 3, 0, 'no');
      else p.reply(call, (w) => w.int(0));
      return true;
    };
    const seen: string[] = [];
    await expect(connection.subscribe('lifecycle', () => seen.push('refused'))).rejects.toMatchObject({
      code: 'NO_SUPPORT',
    });
    refuse = false;
    await connection.subscribe('lifecycle', () => seen.push('taken'));
    lifecycle('guest');
    await eventually(() => expect(seen).toEqual(['taken']));
  });
});

describe('onCall', () => {
  test('receives each call at its end, with its duration and its error', async () => {
    const seen: { readonly name: string; readonly error: unknown }[] = [];
    const watched = await connect({
      uri: 'test:///default',
      socketPath: server.path,
      ...quiet,
      onCall: (name, tookMs, error) => {
        expect(tookMs).toBeGreaterThanOrEqual(0);
        seen.push({ name, error });
      },
    });
    seen.splice(0);
    hold(HOSTNAME);
    await expect(watched.getHostname({ timeoutMs: 1 })).rejects.toThrow('CONNECT_GET_HOSTNAME');
    await expect(watched.getHostname({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    const pending = watched.getHostname({ timeoutMs: 0 });
    await watched.close(0);
    await expect(pending).rejects.toThrow('closed');
    expect(seen.map(({ name, error }) => [name, (error as Error).constructor.name])).toEqual([
      ['CONNECT_GET_HOSTNAME', 'LibvirtTimeoutError'],
      ['CONNECT_GET_HOSTNAME', 'LibvirtConnectionError'],
    ]);
  });
});
