import {
  connect,
  LibvirtConnectionError,
  LibvirtError,
  LibvirtTimeoutError,
  type Connection,
  type ConnectOptions,
} from 'node-libvirt';
import { ConnectionPool } from './connection-pool.ts';
import type { Clock } from '../ports/clock.ts';
import { HypervisorError, type CallOutcome } from '../ports/hypervisor.ts';

export interface LinkOptions {
  readonly uri: string;
  readonly socketPath?: string;
  readonly callTimeoutMs: number;
  /** First and longest delay before a retry, milliseconds; it doubles with each attempt. */
  readonly retryMs: { readonly first: number; readonly longest: number };
  readonly clock: Pick<Clock, 'sleep'>;
}

export interface LinkEvents {
  /** Called with each new query connection before its first use. */
  readonly prepare: (query: Connection) => Promise<void>;
  readonly onUp: () => void;
  readonly onDown: (reason: string, retryInMs: number) => void;
  /** Called at the end of each call on any of the connections. */
  readonly onCall: NonNullable<ConnectOptions['onCall']>;
}

/** With the control connections, limits how many of libvirtd's workers (20 by default) hanging guests can block. */
const QUERY_CONNECTIONS = 3;
const CONTROL_CONNECTIONS = 2;

/** Time for closing connections cleanly, milliseconds. */
const CLOSE_GRACE_MS = 300;

interface Session {
  readonly query: ConnectionPool;
  readonly control: ConnectionPool;
}

/**
 * The connections to libvirtd: some for queries and some for changes, so that a query that hangs cannot delay a balloon.
 * When one is lost, all are closed and reopened; failed attempts are retried.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #closed = new AbortController();
  #session: Session | null = null;
  #retryMs: number;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#retryMs = options.retryMs.first;
  }

  get up(): boolean {
    return this.#session !== null;
  }

  /** For queries that libvirtd answers without involving a guest. @throws HypervisorError `disconnected` */
  get primary(): Connection {
    return this.#requireSession().query.primary;
  }

  /** Runs a query that a guest can block. @throws HypervisorError; any error of the call */
  async query<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#requireSession().query.use(call);
  }

  /** Changes a guest. @throws HypervisorError; any error of the call */
  async control<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#requireSession().control.use(call);
  }

  /** Makes the first attempt; true when connected. From then on the link retries and reconnects until it is closed. */
  async open(): Promise<boolean> {
    const opened: Connection[] = [];
    try {
      const [query, control] = [await this.#connect(opened), await this.#connect(opened)];
      await this.#events.prepare(query);
      const lost = opened.find(({ closed }) => closed);
      if (lost !== undefined) throw new LibvirtConnectionError('HANGUP', 'libvirtd closed the connection immediately');
      if (this.#closed.signal.aborted) throw new HypervisorError('disconnected', 'the connection was closed');
      this.#session = this.#sessionOf(query, control);
      this.#retryMs = this.#options.retryMs.first;
      this.#events.onUp();
      return true;
    } catch (error) {
      for (const connection of opened) void connection.close(0);
      if (!isLibvirtFailure(error)) throw error;
      this.#retryLater(error.message);
      return false;
    }
  }

  /** Closes all connections and stops reconnecting. Never throws. */
  async close(): Promise<void> {
    this.#closed.abort();
    const session = this.#session;
    this.#session = null;
    await Promise.all([session?.query.close(CLOSE_GRACE_MS), session?.control.close(CLOSE_GRACE_MS)]);
  }

  async #connect(opened: Connection[]): Promise<Connection> {
    const { uri, socketPath, callTimeoutMs } = this.#options;
    const connection = await connect({
      uri,
      callTimeoutMs,
      connectTimeoutMs: callTimeoutMs,
      signal: this.#closed.signal,
      onCall: this.#events.onCall,
      ...(socketPath !== undefined && { socketPath }),
    });
    opened.push(connection);
    return connection;
  }

  #sessionOf(query: Connection, control: Connection): Session {
    const openExtra = (): Promise<Connection> => this.#connect([]);
    const session: Session = {
      query: new ConnectionPool(query, openExtra, QUERY_CONNECTIONS),
      control: new ConnectionPool(control, openExtra, CONTROL_CONNECTIONS),
    };
    for (const connection of [query, control])
      connection.once('close', (reason) => this.#lost(reason.message, session));
    return session;
  }

  #lost(reason: string, session: Session): void {
    if (session !== this.#session) return;
    this.#session = null;
    void session.query.close(0);
    void session.control.close(0);
    this.#retryLater(reason);
  }

  #retryLater(reason: string): void {
    if (this.#closed.signal.aborted) return;
    const wait = this.#retryMs;
    this.#retryMs = Math.min(this.#options.retryMs.longest, wait * 2);
    this.#events.onDown(reason, wait);
    void this.#openAfter(wait);
  }

  async #openAfter(ms: number): Promise<void> {
    const { signal } = this.#closed;
    await this.#options.clock.sleep(ms, signal);
    if (!signal.aborted) await this.open();
  }

  #requireSession(): Session {
    if (this.#session === null) throw new HypervisorError('disconnected', 'not connected to libvirt');
    return this.#session;
  }
}

function isLibvirtFailure(error: unknown): error is Error {
  const known = [LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, HypervisorError];
  return known.some((kind) => error instanceof kind) || (error instanceof Error && error.name === 'AbortError');
}

/** How a call ended. @param error undefined: it was answered */
export function callOutcome(error: unknown): CallOutcome {
  if (error === undefined) return 'done';
  if (error instanceof LibvirtTimeoutError) return 'timeout';
  if (error instanceof LibvirtConnectionError) return 'disconnected';
  return error instanceof LibvirtError ? 'refused' : 'aborted';
}

/** libvirt's codes for a timeout; OPERATION_TIMEOUT means that another call holds the guest's lock. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['OPERATION_TIMEOUT', 'AGENT_UNRESPONSIVE', 'RESOURCE_BUSY']);

/** Converts a libvirt error to a HypervisorError; returns any other error unchanged. */
export function asHypervisorError(error: unknown): unknown {
  if (error instanceof LibvirtTimeoutError) return new HypervisorError('timeout', error.message, { cause: error });
  if (error instanceof LibvirtConnectionError)
    return new HypervisorError('disconnected', error.message, { cause: error });
  if (!(error instanceof LibvirtError)) return error;
  const kind = error.code === 'NO_DOMAIN' ? 'gone' : TIMEOUT_CODES.has(error.code) ? 'timeout' : 'refused';
  return new HypervisorError(kind, `${error.message} (${error.code})`, { cause: error });
}
