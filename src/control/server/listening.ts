import type { Server } from 'node:net';
import { addressText, type ListenAddress } from '../../support/listen-address.ts';
import { listenOn, SocketError } from './socket-file.ts';

/** An address that a server listens on. */
export interface Opened {
  /** Removes what is left of it in the file system. */
  readonly remove: () => Promise<void>;
}

/**
 * Makes a server listen on an address of the config.
 * @param mode of a unix socket
 * @param gid its group; null: that of the process
 * @throws SocketError
 */
export async function listenAt(
  server: Server,
  address: ListenAddress,
  mode: number,
  gid: number | null,
): Promise<Opened> {
  if (address.kind === 'unix') return listenOn(server, address.path, mode, gid);
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code = '', message }: NodeJS.ErrnoException) =>
      reject(new SocketError(`cannot listen on ${addressText(address)}: ${WHY[code] ?? message}`)),
    );
    server.listen(address.port, address.host, () => {
      server.removeAllListeners('error');
      // Too many open files, for example: the next client may have more luck.
      server.on('error', () => undefined);
      resolve();
    });
  });
  return { remove: async () => undefined };
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EADDRNOTAVAIL: 'this host does not have this address',
  EACCES: 'no permission',
};
