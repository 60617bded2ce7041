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
  const runtime = runtimeDirectory(config, userRuntime);
  return {
    runtime,
    state: config.stateDir ?? runtime,
    stopFile: config.stopFile ?? join(runtime, 'stop'),
    ...socketsIn(runtime),
    parameters: join(config.stateDir ?? runtime, `parameters-${hostKey(config)}.yaml`),
    reservations: join(runtime, 'reservations.json'),
  };
}

/** What the runtime directory depends on. */
export interface RuntimeChoice {
  readonly runtimeDir: string | null;
  readonly hostRoot: string;
  readonly libvirt: { readonly uri: string };
}

export function runtimeDirectory(
  { runtimeDir, hostRoot, libvirt: { uri } }: RuntimeChoice,
  userRuntime: string | undefined,
): string {
  if (runtimeDir !== null) return runtimeDir;
  const isSession = /^[^?]*\/session(?:\?|$)/.test(uri) && hostRoot === '/';
  return isSession && userRuntime ? join(userRuntime, 'ballast') : join(hostRoot, 'run/ballast');
}

export function socketsIn(runtime: string): Pick<Directories, 'statusSocket' | 'controlSocket'> {
  return { statusSocket: join(runtime, 'status.sock'), controlSocket: join(runtime, 'control.sock') };
}

/** Names this host and libvirt in the names of files: daemons for different ones can share a directory. */
export function hostKey({ hostRoot, libvirt }: Pick<Config, 'hostRoot' | 'libvirt'>): string {
  const text = JSON.stringify([hostRoot, libvirt.uri, libvirt.socket]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
