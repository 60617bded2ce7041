import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../src/connect.ts';
import { REMOTE } from '../src/protocol.ts';
import { planSocket } from '../src/socket-path.ts';
import { argumentsOf, startRawServer, type RawServer } from './raw-server.ts';

describe('socket paths', () => {
  test('of the system daemon: the modular daemon first, then the monolithic one', () => {
    expect(planSocket('qemu:///system', undefined, {})).toEqual({
      paths: ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock'],
      uri: 'qemu:///system',
    });
    expect(planSocket('test:///default', undefined, {}).paths).toEqual(['/run/libvirt/libvirt-sock']);
  });

  test('of a session daemon are in the user’s runtime directory', () => {
    expect(planSocket('qemu:///session', undefined, { XDG_RUNTIME_DIR: '/run/user/1000' }).paths).toEqual([
      '/run/user/1000/libvirt/virtqemud-sock',
      '/run/user/1000/libvirt/libvirt-sock',
    ]);
    expect(planSocket('qemu:///session', undefined, { HOME: '/home/u' }).paths[0]).toBe(
      '/home/u/.cache/libvirt/virtqemud-sock',
    );
    expect(planSocket('qemu:///session', undefined, { HOME: '/home/u', XDG_CACHE_HOME: '/c' }).paths[0]).toBe(
      '/c/libvirt/virtqemud-sock',
    );
    expect(() => planSocket('qemu:///session', undefined, {})).toThrow('XDG_RUNTIME_DIR');
  });

  test('can be set by option or in the URI', () => {
    expect(planSocket('qemu:///system', '/tmp/s', {})).toEqual({ paths: ['/tmp/s'], uri: 'qemu:///system' });
    expect(planSocket('qemu+unix:///system?socket=/tmp/u', undefined, {})).toEqual({
      paths: ['/tmp/u'],
      uri: 'qemu:///system',
    });
  });

  test.each(['qemu+ssh://host/system', 'qemu://host/system', 'system', '', 'qemu+tls:///system'])(
    '"%s" is rejected because it is not local',
    (uri) => {
      expect(() => planSocket(uri, undefined, {})).toThrow(
        expect.objectContaining({ name: 'LibvirtConnectionError', code: 'URI' }),
      );
    },
  );
});

describe('a failed connection attempt', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'node-libvirt-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('reports a missing socket', async () => {
    await expect(connect({ socketPath: join(directory, 'none') })).rejects.toMatchObject({
      name: 'LibvirtConnectionError',
      code: 'ENOENT',
      message: expect.stringContaining('is libvirtd (or virtqemud) installed and running?'),
    });
  });

  test('reports a socket without a listener rather than a missing socket', async () => {
    const env = { XDG_RUNTIME_DIR: directory };
    await expect(connect({ uri: 'qemu:///session', env })).rejects.toThrow(
      /libvirt\/virtqemud-sock: ENOENT.*also tried .*libvirt-sock: ENOENT/,
    );
    await writeFile(join(directory, 'file'), '');
    await expect(connect({ socketPath: join(directory, 'file') })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('nothing is listening'),
    });
  });

  test('rejects with the signal’s reason when aborted', async () => {
    const reason = new Error('changed my mind');
    await expect(connect({ socketPath: join(directory, 'none'), signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

describe('opening a connection', () => {
  let server: RawServer;
  beforeEach(async () => {
    server = await startRawServer();
  });
  afterEach(() => server.close());

  const procedures = (): number[] => server.peers[0]?.received.map(({ header }) => header.procedure) ?? [];

  test('without authentication lists the types, queries keepalive and opens the URI', async () => {
    const connection = await connect({ uri: 'qemu:///system?socket=/nowhere', socketPath: server.path });
    expect(procedures()).toEqual(
      [REMOTE.AUTH_LIST, REMOTE.CONNECT_SUPPORTS_FEATURE, REMOTE.CONNECT_OPEN].map(({ procedure }) => procedure),
    );
    const open = server.peers[0]?.received.at(-1);
    expect(open === undefined ? null : argumentsOf(open).optional((r) => r.string(100))).toBe('qemu:///system');
    await connection.close();
    expect(procedures().at(-1)).toBe(REMOTE.CONNECT_CLOSE.procedure);
  });

  test('authenticates with polkit', async () => {
    server.authTypes = [2];
    const connection = await connect({ uri: 'test:///default', socketPath: server.path });
    expect(procedures()).toContain(REMOTE.AUTH_POLKIT.procedure);
    await connection.close();
  });

  test('rejects when polkit denies access', async () => {
    server.authTypes = [2];
    server.handler = (peer, call) =>
      call.header.procedure === REMOTE.AUTH_POLKIT.procedure
        ? (peer.fail(call, 45, 7, 'authentication failed: access denied by policy'), true)
        : false;
    await expect(connect({ uri: 'test:///default', socketPath: server.path })).rejects.toMatchObject({
      name: 'LibvirtError',
      code: 'AUTH_FAILED',
    });
  });

  test('rejects when only SASL is offered', async () => {
    server.authTypes = [1];
    await expect(connect({ uri: 'test:///default', socketPath: server.path })).rejects.toMatchObject({
      code: 'AUTH',
      message: expect.stringContaining('SASL'),
    });
  });

  test('times out when the daemon accepts and never replies', async () => {
    server.handler = () => true;
    await expect(
      connect({ uri: 'test:///default', socketPath: server.path, connectTimeoutMs: 30 }),
    ).rejects.toMatchObject({ name: 'LibvirtTimeoutError' });
  });

  test('rejects when the daemon refuses the URI', async () => {
    server.handler = (peer, call) =>
      call.header.procedure === REMOTE.CONNECT_OPEN.procedure
        ? (peer.fail(call, 5, 0, 'no connection driver available'), true)
        : false;
    await expect(connect({ uri: 'test:///default', socketPath: server.path })).rejects.toMatchObject({
      code: 'NO_CONNECT',
    });
  });

  test('closes the socket when it fails', async () => {
    server.authTypes = [1];
    await expect(connect({ uri: 'test:///default', socketPath: server.path })).rejects.toThrow();
    const socket = server.peers[0]?.socket;
    await new Promise<void>((resolve) =>
      socket?.destroyed === false ? socket.once('close', () => resolve()) : resolve(),
    );
    expect(socket?.destroyed).toBe(true);
  });
});
