import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { runtimeDirectory, socketsIn } from '../../config/directories.ts';
import { ControlClient } from '../../control/client.ts';
import type { Io } from './io.ts';

/** Which daemon a command asks. */
export interface DaemonChoice {
  readonly config?: string;
  readonly socket?: string;
}

/** Where sockets are without a config. */
const USUAL = '/run/ballast';

/**
 * A client of the running daemon. Neither the schema of the config nor plugins are loaded for it.
 * @param kind which of its sockets: status reads, control changes
 * @param command for the daemon's log
 * @param signal drops requests that are not answered yet
 */
export async function daemonClient(
  { config, socket }: DaemonChoice,
  kind: 'status' | 'control',
  command: string,
  { userRuntime }: Pick<Io, 'userRuntime'>,
  signal?: AbortSignal,
): Promise<ControlClient> {
  const common = { name: `${userName()}: ballast ${command}`, ...(signal && { signal }) };
  // A directory has both.
  if (socket !== undefined && !socket.endsWith('.sock'))
    return new ControlClient({ socket: join(socket, `${kind}.sock`), ...common });
  if (socket !== undefined)
    return new ControlClient({
      socket: kind === 'control' ? join(dirname(socket), 'control.sock') : socket,
      ...common,
    });
  if (config !== undefined) {
    const { statusSocket, controlSocket } = socketsIn(await runtimeOf(config, userRuntime));
    return new ControlClient({ socket: kind === 'status' ? statusSocket : controlSocket, ...common });
  }
  const own = userRuntime === undefined ? null : join(userRuntime, 'ballast', `${kind}.sock`);
  const usual = join(USUAL, `${kind}.sock`);
  const isOwn = own !== null && !(await isThere(usual)) && (await isThere(own));
  return new ControlClient({ socket: isOwn ? own : usual, ...common });
}

/** @throws SetupError when the config does not tell */
async function runtimeOf(config: string, userRuntime: string | undefined): Promise<string> {
  const { readRuntimeChoice } = await import('../../config/runtime-choice.ts');
  const choice = await readRuntimeChoice(config);
  if (choice !== null) return runtimeDirectory(choice, userRuntime);
  const { loadHostSetup } = await import('../../compose/setup.ts');
  return runtimeDirectory((await loadHostSetup(config)).config, userRuntime);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code === 'EACCES',
  );
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the password file.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
