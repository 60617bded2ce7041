import type { Connection } from 'node-libvirt';
import { HypervisorError } from '../ports/hypervisor.ts';

/** libvirtd works on five calls of a connection at once; one place stays free, so that it goes on reading ours. */
const CALLS_PER_CONNECTION = 4;

/**
 * Connections for one purpose. A call that hangs keeps its place at libvirtd even after it was given up here, so when the
 * places of a connection run out the next is opened, and closed again when what hung in it has ended.
 */
export class ConnectionPool {
  readonly #open: () => Promise<Connection>;
  readonly #limit: number;
  readonly #primary: Connection;
  #extra: Connection[] = [];
  #opening = 0;

  /** @param limit connections at most: with it the number of libvirtd's workers that hanging guests can take up is bounded */
  constructor(primary: Connection, open: () => Promise<Connection>, limit: number) {
    this.#primary = primary;
    this.#open = open;
    this.#limit = limit;
  }

  get primary(): Connection {
    return this.#primary;
  }

  /**
   * Has a call made on a connection with a free place.
   * @param call makes its call at once, which takes the place
   * @throws HypervisorError `timeout` when calls that hang have taken every place there may be; whatever the call throws
   */
  async use<T>(call: (connection: Connection) => Promise<T>): Promise<T> {
    this.#dropDrained();
    const free = [this.#primary, ...this.#extra].find(hasPlace);
    return call(free ?? (await this.#another()));
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#primary, ...this.#extra].map((connection) => connection.close(graceMs)));
  }

  async #another(): Promise<Connection> {
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
    const done = ({ closed, outstandingCalls }: Connection): boolean =>
      closed || (outstandingCalls === 0 && hasPlace(this.#primary));
    for (const connection of this.#extra.filter(done)) void connection.close();
    this.#extra = this.#extra.filter((connection) => !done(connection));
  }
}

function hasPlace(connection: Connection): boolean {
  return !connection.closed && connection.outstandingCalls < CALLS_PER_CONNECTION;
}
