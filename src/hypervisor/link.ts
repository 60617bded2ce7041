import { connect, LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, type Connection } from 'node-libvirt';
import { HypervisorError } from './port.ts';

export interface LinkOptions {
  readonly uri: string;
  readonly socketPath?: string;
  readonly callTimeoutMs: number;
  /** First wait before another attempt, and the longest: it doubles from one to the other. Milliseconds. */
  readonly retryMs: { readonly first: number; readonly longest: number };
}

export interface LinkEvents {
  /** Called with each new pair of connections before anything else uses them. */
  readonly onUp: (control: Connection) => Promise<void>;
  readonly onDown: (reason: string, retryInMs: number) => void;
}

/** libvirtd works on five requests of one connection at a time; one that hangs keeps its place. */
const CLOGGED = 4;

/**
 * Two connections to libvirtd, one to ask and one to act, so that a question that hangs cannot hold up a balloon. When
 * one is lost both are given up and opened anew, as often as it takes.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #ended = new AbortController();
  #query: Connection | null = null;
  #control: Connection | null = null;
  #retry: NodeJS.Timeout | null = null;
  #retryMs: number;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#retryMs = options.retryMs.first;
  }

  get up(): boolean {
    return this.#query !== null && this.#control !== null;
  }

  /** @throws HypervisorError `disconnected` */
  get control(): Connection {
    if (this.#control === null) throw new HypervisorError('disconnected', 'there is no connection to libvirt');
    return this.#control;
  }

  /** A connection for questions, with room for more of them. @throws HypervisorError */
  async query(): Promise<Connection> {
    const current = this.#query;
    if (current === null) throw new HypervisorError('disconnected', 'there is no connection to libvirt');
    if (current.outstandingCalls < CLOGGED) return current;
    const fresh = await this.#open().catch((error: unknown) => {
      throw asHypervisorError(error);
    });
    this.#query = fresh;
    fresh.once('close', (reason) => this.#lost(reason.message, fresh));
    void current.close(0);
    return fresh;
  }

  /** Tries once; whatever comes of it, the link keeps trying from then on. True when it is up. */
  async open(): Promise<boolean> {
    try {
      const control = await this.#open();
      let query: Connection;
      try {
        query = await this.#open();
        await this.#events.onUp(control);
      } catch (error) {
        await control.close(0);
        throw error;
      }
      this.#control = control;
      this.#query = query;
      this.#retryMs = this.#options.retryMs.first;
      for (const connection of [control, query]) connection.once('close', (reason) => this.#lost(reason.message, connection));
      return true;
    } catch (error) {
      if (!isLibvirtFailure(error)) throw error;
      this.#tryLater(error.message);
      return false;
    }
  }

  /** Ends both connections for good. Never throws. */
  async close(): Promise<void> {
    this.#ended.abort();
    if (this.#retry !== null) clearTimeout(this.#retry);
    const open = [this.#query, this.#control];
    this.#query = null;
    this.#control = null;
    await Promise.all(open.map((connection) => connection?.close(500)));
  }

  #open(): Promise<Connection> {
    const { uri, socketPath, callTimeoutMs } = this.#options;
    return connect({
      uri, callTimeoutMs, connectTimeoutMs: callTimeoutMs, signal: this.#ended.signal,
      ...(socketPath !== undefined && { socketPath }),
    });
  }

  #lost(reason: string, connection: Connection): void {
    // One that was exchanged, or that falls with its sister, is no news.
    if (connection !== this.#query && connection !== this.#control) return;
    const sisters = [this.#query, this.#control];
    this.#query = null;
    this.#control = null;
    for (const sister of sisters) void sister?.close(0);
    this.#tryLater(reason);
  }

  #tryLater(reason: string): void {
    if (this.#ended.signal.aborted) return;
    const wait = this.#retryMs;
    this.#retryMs = Math.min(this.#options.retryMs.longest, wait * 2);
    this.#events.onDown(reason, wait);
    this.#retry = setTimeout(() => void this.open(), wait);
  }
}

function isLibvirtFailure(error: unknown): error is Error {
  const known = [LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, HypervisorError];
  return known.some((kind) => error instanceof kind) || (error instanceof Error && error.name === 'AbortError');
}

const GONE: ReadonlySet<string> = new Set(['NO_DOMAIN', 'OPERATION_INVALID']);

/** What a failure of libvirt means to Ballast; anything unknown is handed on as it is. */
export function asHypervisorError(error: unknown): unknown {
  if (error instanceof LibvirtTimeoutError) return new HypervisorError('timeout', error.message, { cause: error });
  if (error instanceof LibvirtConnectionError) return new HypervisorError('disconnected', error.message, { cause: error });
  if (!(error instanceof LibvirtError)) return error;
  return new HypervisorError(GONE.has(error.code) ? 'gone' : 'refused', `${error.message} (${error.code})`, { cause: error });
}
