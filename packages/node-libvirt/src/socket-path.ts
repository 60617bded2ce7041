import { LibvirtConnectionError } from './errors.ts';

/** The sockets to try for a URI, and the URI to send. */
export interface SocketPlan {
  /** In the order of the attempts. */
  readonly paths: readonly string[];
  /** The URI for libvirtd, without parameters for the client. */
  readonly uri: string;
}

/** Daemons of the drivers on hosts with modular daemons. */
const MODULAR_DAEMONS: Readonly<Record<string, string>> = {
  qemu: 'virtqemud',
  lxc: 'virtlxcd',
  xen: 'virtxend',
  vbox: 'virtvboxd',
  bhyve: 'virtbhyved',
  ch: 'virtchd',
};

const SYSTEM_DIRECTORY = '/run/libvirt';

/**
 * The socket paths of a local libvirt URI: the driver's modular daemon first, then the monolithic one, as in libvirt's
 * client.
 * @param socketPath overrides the paths derived from the URI
 * @param env for `XDG_RUNTIME_DIR`, `XDG_CACHE_HOME` and `HOME`, where a session daemon listens
 * @throws LibvirtConnectionError `URI`
 */
export function planSocket(uri: string, socketPath: string | undefined, env: NodeJS.ProcessEnv): SocketPlan {
  const parsed = /^([a-z]+)(\+[a-z0-9]+)?:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(uri);
  if (parsed === null) throw badUri(uri, 'it has no scheme, as in qemu:///system');
  const [, scheme = '', transport, host, path = '/', query] = parsed;
  if (transport !== undefined && transport !== '+unix')
    throw badUri(uri, 'only unix sockets of this host can be reached');
  if (host !== '') throw badUri(uri, 'it names another host; only unix sockets of this host can be reached');
  const bare = `${scheme}://${path}`;
  const explicit = socketPath ?? new URLSearchParams(query).get('socket');
  if (explicit !== null && explicit !== undefined) return { paths: [explicit], uri: bare };
  const directory = path === '/session' ? sessionDirectory(env) : SYSTEM_DIRECTORY;
  const daemon = Object.hasOwn(MODULAR_DAEMONS, scheme) ? MODULAR_DAEMONS[scheme] : undefined;
  const names = daemon === undefined ? ['libvirt-sock'] : [`${daemon}-sock`, 'libvirt-sock'];
  return { paths: names.map((name) => `${directory}/${name}`), uri: bare };
}

function sessionDirectory(env: NodeJS.ProcessEnv): string {
  if (env['XDG_RUNTIME_DIR']) return `${env['XDG_RUNTIME_DIR']}/libvirt`;
  if (env['XDG_CACHE_HOME']) return `${env['XDG_CACHE_HOME']}/libvirt`;
  if (env['HOME']) return `${env['HOME']}/.cache/libvirt`;
  throw new LibvirtConnectionError('URI', 'no directory for the session socket: XDG_RUNTIME_DIR and HOME are not set');
}

function badUri(uri: string, why: string): LibvirtConnectionError {
  return new LibvirtConnectionError('URI', `cannot connect to "${uri}": ${why}`);
}
