import { connect, LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, type Connection } from 'node-libvirt';
import { ConnectionPool } from './connection-pool.ts';
import type { Clock } from '../ports/clock.ts';
import { HypervisorError } from '../ports/hypervisor.ts';

export interface LinkOptions {
  readonly uri: string;
  readonly socketPath?: string;
  readonly callTimeoutMs: number;
  /** First wait before another attempt, and the longest: it doubles from one to the other. Milliseconds. */
  readonly retryMs: { readonly first: number; readonly longest: number };
  readonly clock: Pick<Clock, 'sleep'>;
}

export interface LinkEvents {
  /** Called with each new connection for questions before anything else uses it. */
  readonly prepare: (query: Connection) => Promise<void>;
  readonly onUp: () => void;
  readonly onDown: (reason: string, retryInMs: number) => void;
}

/** With the control connections, fewer than libvirtd has workers (20 by default): guests that hang cannot take all of them. */
const QUERY_CONNECTIONS = 3;
const CONTROL_CONNECTIONS = 2;

/** Milliseconds for saying goodbye. */
const GOODBYE_MS = 300;

interface Session {
  readonly query: ConnectionPool;
  readonly control: ConnectionPool;
}

/**
 * The connections to libvirtd: some to ask and some to act, so that a question that hangs cannot hold up a balloon. When
 * one is lost all are given up and opened anew, as often as it takes.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #ended = new AbortController();
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

  /** For questions that libvirtd answers by itself, which no guest can hold up. @throws HypervisorError `disconnected` */
  get primary(): Connection {
    return this.#required().query.primary;
  }

  /** Asks something that a guest can hold up. @throws HypervisorError; whatever the call throws */
  async query<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#required().query.use(call);
  }

  /** Changes a guest. @throws HypervisorError; whatever the call throws */
  async control<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#required().control.use(call);
  }

  /** Tries once; whatever comes of it, the link keeps trying from then on. True when it is up. */
  async open(): Promise<boolean> {
    const opened: Connection[] = [];
    try {
      const [query, control] = [await this.#connect(opened), await this.#connect(opened)];
      await this.#events.prepare(query);
      const lost = opened.find(({ closed }) => closed);
      if (lost !== undefined) throw new LibvirtConnectionError('HANGUP', 'libvirtd closed the connection immediately');
      if (this.#ended.signal.aborted) throw new HypervisorError('disconnected', 'the connection was closed');
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

  /** Ends all connections for good. Never throws. */
  async close(): Promise<void> {
    this.#ended.abort();
    const session = this.#session;
    this.#session = null;
    await Promise.all([session?.query.close(GOODBYE_MS), session?.control.close(GOODBYE_MS)]);
  }

  async #connect(opened: Connection[]): Promise<Connection> {
    const { uri, socketPath, callTimeoutMs } = this.#options;
    const connection = await connect({
      uri,
      callTimeoutMs,
      connectTimeoutMs: callTimeoutMs,
      signal: this.#ended.signal,
      ...(socketPath !== undefined && { socketPath }),
    });
    opened.push(connection);
    return connection;
  }

  #sessionOf(query: Connection, control: Connection): Session {
    const more = (): Promise<Connection> => this.#connect([]);
    const session: Session = {
      query: new ConnectionPool(query, more, QUERY_CONNECTIONS),
      control: new ConnectionPool(control, more, CONTROL_CONNECTIONS),
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
    if (this.#ended.signal.aborted) return;
    const wait = this.#retryMs;
    this.#retryMs = Math.min(this.#options.retryMs.longest, wait * 2);
    this.#events.onDown(reason, wait);
    void this.#openAfter(wait);
  }

  async #openAfter(ms: number): Promise<void> {
    const { signal } = this.#ended;
    await this.#options.clock.sleep(ms, signal);
    if (!signal.aborted) await this.open();
  }

  #required(): Session {
    if (this.#session === null) throw new HypervisorError('disconnected', 'not connected to libvirt');
    return this.#session;
  }
}

function isLibvirtFailure(error: unknown): error is Error {
  const known = [LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, HypervisorError];
  return known.some((kind) => error instanceof kind) || (error instanceof Error && error.name === 'AbortError');
}

/** libvirt's codes for "not in time"; the first comes when another call holds the guest. */
const LATE: ReadonlySet<string> = new Set(['OPERATION_TIMEOUT', 'AGENT_UNRESPONSIVE', 'RESOURCE_BUSY']);

/** What a failure of libvirt means to Ballast; anything unknown is handed on as it is. */
export function asHypervisorError(error: unknown): unknown {
  if (error instanceof LibvirtTimeoutError) return new HypervisorError('timeout', error.message, { cause: error });
  if (error instanceof LibvirtConnectionError)
    return new HypervisorError('disconnected', error.message, { cause: error });
  if (!(error instanceof LibvirtError)) return error;
  const kind = error.code === 'NO_DOMAIN' ? 'gone' : LATE.has(error.code) ? 'timeout' : 'refused';
  return new HypervisorError(kind, `${error.message} (${error.code})`, { cause: error });
}
