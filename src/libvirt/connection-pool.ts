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
  #opening = 0;

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
   * @throws HypervisorError `timeout` when hanging calls occupy all slots; any error of the call
   */
  async use<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    this.#dropDrained();
    const free = [this.#primary, ...this.#extra].find(hasFreeSlot);
    return call(free ?? (await this.#openExtra()));
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#primary, ...this.#extra].map((connection) => connection.close(graceMs)));
  }

  async #openExtra(): Promise<Connection> {
    if (1 + this.#extra.length + this.#opening >= this.#limit) {
      const calls = [this.#primary, ...this.#extra].reduce((sum, { outstandingCalls }) => sum + outstandingCalls, 0);
      throw new HypervisorError(
        'timeout',
        `${calls} calls hang in libvirtd; no more are sent until some of them return`,
      );
    }
    this.#opening++;
    try {
      const opened = await this.#open();
      this.#extra.push(opened);
      return opened;
    } finally {
      this.#opening--;
    }
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
