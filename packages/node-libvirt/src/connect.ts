import { Connection } from './connection.ts';
import { LibvirtConnectionError } from './errors.ts';
import type { KeepaliveOptions } from './keepalive.ts';
import { AUTH_TYPE, AUTH_TYPES_MAX, FEATURE, REMOTE, STRING_MAX_BYTES } from './protocol.ts';
import type { CallOptions, OnCall } from './rpc.ts';
import { planSocket } from './socket-path.ts';
import { openSocket } from './socket.ts';

export interface ConnectOptions {
  /** A local URI. Default: `qemu:///system`. */
  readonly uri?: string;
  /** The daemon's unix socket. Default: the path that libvirt uses for the URI. */
  readonly socketPath?: string;
  /** Timeout of each step (connecting, authenticating, opening), milliseconds; polkit may prompt. 0: none. Default: 30000. */
  readonly connectTimeoutMs?: number;
  /** Default timeout of a call, milliseconds; 0: none. Default: 30000. */
  readonly callTimeoutMs?: number;
  /** Default: a ping after 5 seconds without data; the connection is closed after 5 unanswered pings. */
  readonly keepalive?: KeepaliveOptions;
  /** Aborts connecting; no effect once the connection is open. */
  readonly signal?: AbortSignal;
  /** Called at the end of each call with its procedure's name and its duration; `error` is undefined if it succeeded. */
  readonly onCall?: OnCall;
  /** Environment variables with the directories of a session daemon. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_KEEPALIVE: KeepaliveOptions = { intervalMs: 5000, count: 5 };

/**
 * Opens a connection to libvirt on this host.
 * @throws LibvirtConnectionError when there is no daemon, no permission or no supported authentication; LibvirtError when
 *   libvirtd refuses; LibvirtTimeoutError; the signal's reason
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const {
    uri = 'qemu:///system',
    connectTimeoutMs = DEFAULT_TIMEOUT_MS,
    callTimeoutMs = DEFAULT_TIMEOUT_MS,
    signal,
  } = options;
  const plan = planSocket(uri, options.socketPath, options.env ?? process.env);
  const socket = await openSocket(plan.paths, connectTimeoutMs, signal);
  const connection = new Connection(socket, callTimeoutMs, options.onCall);
  const step: CallOptions =
    signal === undefined ? { timeoutMs: connectTimeoutMs } : { timeoutMs: connectTimeoutMs, signal };
  try {
    await authenticate(connection, step);
    const supportsKeepalive = await supportsFeature(connection, FEATURE.KEEPALIVE, step);
    await connection.call(
      REMOTE.CONNECT_OPEN,
      (w) => w.optional(plan.uri, (inner, text) => inner.string(text, STRING_MAX_BYTES)).uint(0),
      () => undefined,
      step,
    );
    if (supportsKeepalive) connection.startKeepalive(options.keepalive ?? DEFAULT_KEEPALIVE);
    return connection;
  } catch (error) {
    await connection.close(0);
    throw error;
  }
}

async function authenticate(connection: Connection, options: CallOptions): Promise<void> {
  const types = await connection.call(
    REMOTE.AUTH_LIST,
    () => undefined,
    (r) => r.array(AUTH_TYPES_MAX, 4, (item) => item.int()),
    options,
  );
  if (types.length === 0 || types.includes(AUTH_TYPE.NONE)) return;
  if (!types.includes(AUTH_TYPE.POLKIT)) {
    throw new LibvirtConnectionError(
      'AUTH',
      `libvirtd requires authentication of type ${types.join(', ')} (1 is SASL); only none and polkit are supported`,
    );
  }
  const complete = await connection.call(
    REMOTE.AUTH_POLKIT,
    () => undefined,
    (r) => r.int(),
    options,
  );
  if (complete === 0) throw new LibvirtConnectionError('AUTH', 'libvirtd did not complete the polkit authentication');
}

/** Querying the keepalive feature also makes libvirtd ping this client. */
function supportsFeature(connection: Connection, feature: number, options: CallOptions): Promise<boolean> {
  return connection.call(
    REMOTE.CONNECT_SUPPORTS_FEATURE,
    (w) => w.int(feature),
    (r) => r.int() !== 0,
    options,
  );
}
