import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../src/connect.ts';
import { Keepalive } from '../src/keepalive.ts';
import { KEEPALIVE_PROCEDURE, MESSAGE_TYPE, PROGRAM, REMOTE } from '../src/protocol.ts';
import { startRawServer, type RawServer } from './raw-server.ts';

/** The timeout only guards against hangs. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 30_000);

describe('keepalive pings', () => {
  let log: string[];
  const start = (): Keepalive =>
    new Keepalive(
      { intervalMs: 1000, count: 3 },
      { ping: () => log.push('ping'), timeout: (ms) => log.push(`timeout after ${ms}`) },
    );

  beforeEach(() => {
    vi.useFakeTimers();
    log = [];
  });
  afterEach(() => void vi.useRealTimers());

  test('are sent three times without a reply, then time out', () => {
    const keepalive = start();
    vi.advanceTimersByTime(3000);
    expect(log).toEqual(['ping', 'ping', 'ping']);
    vi.advanceTimersByTime(1000);
    expect(log.at(-1)).toBe('timeout after 4000');
    keepalive.stop();
  });

  test('start over when data is received', () => {
    const keepalive = start();
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(2000);
      keepalive.received();
    }
    expect(log.filter((entry) => entry !== 'ping')).toEqual([]);
    expect(log.length).toBeGreaterThan(5);
    keepalive.stop();
  });

  test('are not sent on a busy connection or after stop', () => {
    const keepalive = start();
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(500);
      keepalive.received();
    }
    keepalive.stop();
    vi.advanceTimersByTime(60_000);
    expect(log).toEqual([]);
  });
});

describe('keepalive over a socket', () => {
  let server: RawServer;
  beforeEach(async () => {
    server = await startRawServer();
  });
  afterEach(() => server.close());

  test('replies to a ping of the server', async () => {
    const connection = await connect({ uri: 'test:///default', socketPath: server.path });
    server.peers[0]?.send({
      program: PROGRAM.KEEPALIVE,
      procedure: KEEPALIVE_PROCEDURE.PING,
      type: MESSAGE_TYPE.MESSAGE,
    });
    await eventually(() => {
      expect(server.peers[0]?.received.at(-1)?.header).toMatchObject({
        program: PROGRAM.KEEPALIVE,
        procedure: KEEPALIVE_PROCEDURE.PONG,
        type: MESSAGE_TYPE.MESSAGE,
      });
    });
    await connection.close(0);
  });

  test('replies once to many pings that arrive together', async () => {
    const connection = await connect({ uri: 'test:///default', socketPath: server.path });
    const peer = server.peers[0]!;
    const pongs = () =>
      peer.received.filter(
        ({ header }) => header.procedure === KEEPALIVE_PROCEDURE.PONG && header.program === PROGRAM.KEEPALIVE,
      );
    const ping = { program: PROGRAM.KEEPALIVE, procedure: KEEPALIVE_PROCEDURE.PING, type: MESSAGE_TYPE.MESSAGE };
    for (let count = 0; count < 20_000; count += 1) peer.send(ping);
    server.handler = (to, call) => to.reply(call, (w) => w.string('host', 255));
    // Its reply comes after all pings.
    await connection.getHostname();
    await eventually(() => expect(pongs().length).toBeGreaterThan(0));
    expect(pongs().length).toBeLessThan(2_000);
    await connection.close(0);
  });

  test('closes the connection and rejects pending calls when the server stops responding', async () => {
    server.handler = (_peer, call) => call.header.procedure === REMOTE.CONNECT_GET_HOSTNAME.procedure;
    const connection = await connect({
      uri: 'test:///default',
      socketPath: server.path,
      keepalive: { intervalMs: 20, count: 2 },
    });
    await expect(connection.getHostname()).rejects.toMatchObject({ name: 'LibvirtConnectionError', code: 'KEEPALIVE' });
    expect(server.peers[0]?.pings()).toBe(2);
  });

  test('sends no pings to a server without keepalive', async () => {
    server.handler = (peer, call) => {
      if (call.header.procedure === REMOTE.CONNECT_SUPPORTS_FEATURE.procedure) peer.reply(call, (w) => w.int(0));
      else if (call.header.procedure === REMOTE.CONNECT_GET_HOSTNAME.procedure)
        peer.reply(call, (w) => w.string('host', 255));
      else return false;
      return true;
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const connection = await connect({
      uri: 'test:///default',
      socketPath: server.path,
      keepalive: { intervalMs: 5, count: 1 },
    });
    vi.advanceTimersByTime(100);
    // Pings would have been sent before this call.
    await connection.getHostname();
    expect(server.peers[0]?.pings()).toBe(0);
    expect(connection.closed).toBe(false);
    await connection.close(0);
  });
});
