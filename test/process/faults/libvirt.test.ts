import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { BALLAST, runBallast, startBallast } from '../../support/ballast.ts';
import { eventually } from '../../support/eventually.ts';
import { start } from '../../support/process.ts';
import { at, config, fails, messages, STACK, stopCleanly } from './support.ts';

describe('libvirt', () => {
  const connectionError = (why: string): string =>
    `ERROR - No connection to libvirt; retrying in 1 s, KSM control continues: cannot connect to libvirt at ${at('libvirt.sock')}: ${why}`;
  const noGuests = 'WARNING - Cannot read guests: not connected to libvirt';

  test('a single interval without libvirt evaluates the host only and exits with code 1', async () => {
    const logged = messages(await fails(['run', '--config', await config(), '--once'], 1));
    expect(logged).toContain(
      connectionError('ENOENT, there is no such socket; is libvirtd (or virtqemud) installed and running?'),
    );
    expect(logged).toContain(noGuests);
    expect(logged).toContainEqual(expect.stringMatching(/^INFO - host: free memory/));
  });

  test('a killed libvirtd that left its socket behind is reported', async () => {
    await abandonedSocket(at('libvirt.sock'));
    const logged = messages(await fails(['run', '--config', await config(), '--once'], 1));
    await rm(at('libvirt.sock'));
    expect(logged).toContain(
      connectionError('ECONNREFUSED, nothing is listening on this socket; is libvirtd (or virtqemud) running?'),
    );
  });

  test('a socket without permission is reported', async () => {
    await using server = await listening(at('libvirt.sock'));
    await chmod(server.path, 0);
    const exit = await withoutOverride(['run', '--config', await config(), '--once']);
    expect(exit.code).toBe(1);
    expect(exit.stderr).not.toMatch(STACK);
    expect(messages(exit.stderr.split('\n'))).toContain(
      connectionError(
        'EACCES, no permission to use this socket; run as root or as a member of the group that owns it (libvirt, on most systems)',
      ),
    );
  });

  test('an unavailable libvirt is reported once, and host statistics are still collected', async () => {
    let attempts = 0;
    await using _server = await listening(at('libvirt.sock'), (socket) => {
      socket.once('data', () => {
        attempts++;
        socket.end();
      });
    });
    const ballast = startBallast(['run', '--config', await config()]);
    await eventually(() => expect(attempts).toBe(3));
    await ballast.waitForLine(/host: free memory/, 60_000, ballast.lineCount());
    expect((await stopCleanly(ballast)).code).toBe(0);
    expect(ballast.stderr.filter((line) => line.includes('No connection to libvirt'))).toHaveLength(1);
    expect(ballast.stderr.filter((line) => line.includes('host: free memory')).length).toBeGreaterThan(3);
  });

  test('a libvirtd that accepts the connection but never replies does not delay the exit', async () => {
    await using _server = await listening(at('libvirt.sock'));
    const ballast = startBallast(['run', '--config', await config()]);
    await ballast.waitForLine(/INFO - Running/);
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
  });
});

interface Listening extends AsyncDisposable {
  readonly path: string;
}

/** A socket that accepts connections but never sends anything. */
async function listening(path: string, onConnection: (socket: Socket) => void = () => {}): Promise<Listening> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Creates the socket file that a killed daemon leaves behind. */
async function abandonedSocket(path: string): Promise<void> {
  const server = start(process.execPath, [
    '--eval',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`,
  ]);
  await server.waitForLine(/^listening$/);
  await server.stop('SIGKILL');
}

/** Runs `ballast`; as root, without the capabilities that override file permissions. */
async function withoutOverride(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  if (process.getuid?.() !== 0) return runBallast(args);
  const capabilities = [
    '--bounding-set',
    '-dac_override,-dac_read_search',
    '--inh-caps',
    '-dac_override,-dac_read_search',
  ];
  const ballast = start('setpriv', [...capabilities, process.execPath, BALLAST, ...args]);
  return { code: (await ballast.exit).code, stderr: ballast.stderr.join('\n') };
}
