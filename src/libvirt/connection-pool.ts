import type { Connection } from 'node-libvirt';
import { HypervisorError } from '../ports/hypervisor.ts';

/** libvirtd executes at most five calls per connection and then stops reading from it; one slot stays free. */
const CALLS_PER_CONNECTION = 4;

/**
 * Connections for one purpose. A call that hangs occupies its slot at libvirtd even after it timed out here. When a
 * connection has no free slot, another one is opened, and closed when its calls have returned.
 */
export class ConnectionPool {
  readonly #open: () => Promise<Connection>;
  readonly #limit: number;
  readonly #primary: Connection;
  #extra: Connection[] = [];
  /** Callers that need a slot meanwhile wait for the same connection. */
  #opening: Promise<unknown> | null = null;

  /** @param limit maximum number of connections, which limits how many of libvirtd's workers hanging guests can block */
  constructor(primary: Connection, open: () => Promise<Connection>, limit: number) {
    this.#primary = primary;
    this.#open = open;
    this.#limit = limit;
  }

  get primary(): Connection {
    return this.#primary;
  }

  /**
   * Runs a call on a connection with a free slot.
   * @param call must start its call synchronously, which occupies the slot
   * @throws HypervisorError `busy` when hanging calls occupy all slots; any error of the call
   */
  async use<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    this.#dropDrained();
    for (;;) {
      const free = [this.#primary, ...this.#extra].find(hasFreeSlot);
      if (free !== undefined) return call(free);
      this.#opening ??= this.#openExtra().finally(() => {
        this.#opening = null;
      });
      await this.#opening;
    }
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#primary, ...this.#extra].map((connection) => connection.close(graceMs)));
  }

  async #openExtra(): Promise<void> {
    if (1 + this.#extra.length >= this.#limit) {
      const calls = [this.#primary, ...this.#extra].reduce((sum, { outstandingCalls }) => sum + outstandingCalls, 0);
      throw new HypervisorError('busy', `${calls} calls hang in libvirtd; no more are sent until some of them return`);
    }
    const opened = await this.#open();
    this.#extra.push(opened);
  }

  #dropDrained(): void {
    const isDrained = ({ closed, outstandingCalls }: Connection): boolean =>
      closed || (outstandingCalls === 0 && hasFreeSlot(this.#primary));
    for (const connection of this.#extra.filter(isDrained)) void connection.close();
    this.#extra = this.#extra.filter((connection) => !isDrained(connection));
  }
}

function hasFreeSlot(connection: Connection): boolean {
  return !connection.closed && connection.outstandingCalls < CALLS_PER_CONNECTION;
}
