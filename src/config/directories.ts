import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from './model.ts';

/** Where Ballast keeps what it needs on the host besides its config. */
export interface Directories {
  readonly runtime: string;
  readonly state: string;
  readonly stopFile: string;
  /** The sockets of a running daemon. */
  readonly statusSocket: string;
  readonly controlSocket: string;
  /** Parameters that were set through the control socket, where the config names no file for them. */
  readonly parameters: string;
  /** The file of reservations. */
  readonly reservations: string;
}

/** @param userRuntime the user's `XDG_RUNTIME_DIR`; undefined: unset */
export function directoriesOf(
  config: Pick<Config, 'runtimeDir' | 'stateDir' | 'stopFile' | 'hostRoot' | 'libvirt'>,
  userRuntime: string | undefined,
): Directories {
  const isSession = /^[^?]*\/session(?:\?|$)/.test(config.libvirt.uri) && config.hostRoot === '/';
  const usual = isSession && userRuntime ? join(userRuntime, 'ballast') : join(config.hostRoot, 'run/ballast');
  const runtime = config.runtimeDir ?? usual;
  return {
    runtime,
    state: config.stateDir ?? runtime,
    stopFile: config.stopFile ?? join(runtime, 'stop'),
    statusSocket: join(runtime, 'status.sock'),
    controlSocket: join(runtime, 'control.sock'),
    parameters: join(config.stateDir ?? runtime, `parameters-${hostKey(config)}.yaml`),
    reservations: join(runtime, 'reservations.json'),
  };
}

/** Names this host and libvirt in the names of files: daemons for different ones can share a directory. */
export function hostKey({ hostRoot, libvirt }: Pick<Config, 'hostRoot' | 'libvirt'>): string {
  const text = JSON.stringify([hostRoot, libvirt.uri, libvirt.socket]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
