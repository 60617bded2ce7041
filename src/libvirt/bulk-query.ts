import {
  LibvirtTimeoutError,
  STATS,
  STATS_FLAGS,
  type Connection,
  type DomainRef,
  type DomainStats,
} from 'node-libvirt';
import type { Clock } from '../ports/clock.ts';
import { HypervisorError } from '../ports/hypervisor.ts';
import { forEachConcurrent } from '../support/concurrent.ts';

export interface BulkOptions {
  /** Guests in one call. */
  readonly chunkSize: number;
  /** Longest wait for the answer to one call, milliseconds. A whole reading takes about twice that at most. */
  readonly chunkTimeoutMs: number;
  /** Has a call made on a connection that has room for it. */
  readonly query: <T>(call: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Calls that run side by side. */
const IN_FLIGHT = 2;

/**
 * State and balloon statistics of many guests, in chunks, so that no call is long.
 *
 * A guest whose QEMU hangs holds up the first call that reaches it for ever; later calls (NOWAIT) pass it by, and bring
 * only what libvirtd knows itself. A guest without an answer counts as unresponsive, and is asked for in a call
 * of its own, until it answers: it holds up none of the others.
 */
export class BulkQuery {
  readonly #options: BulkOptions;
  /** By uuid. */
  #unresponsive = new Set<string>();

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** The statistics by uuid; guests that are gone are left out, and `null` stands for those of which nothing was heard in time. */
  async read(guests: readonly DomainRef[], signal: AbortSignal): Promise<ReadonlyMap<string, DomainStats | null>> {
    const deadline = this.#options.clock.monotonic() + 2 * this.#options.chunkTimeoutMs;
    const found = new Map<string, DomainStats | null>();
    const responsive = guests.filter(({ uuid }) => !this.#unresponsive.has(uuid));
    // In the order of the set, which puts those first that have waited longest.
    const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
    const unresponsive = [...this.#unresponsive].flatMap((uuid) => byUuid.get(uuid) ?? []);
    this.#unresponsive = new Set(unresponsive.map(({ uuid }) => uuid));
    const ask = async (chunk: readonly DomainRef[]): Promise<boolean> => {
      const stats = this.#options.clock.monotonic() < deadline ? await this.#ask(chunk, signal) : null;
      for (const each of stats ?? []) found.set(each.domain.uuid, each);
      if (stats === null) for (const { uuid } of chunk) found.set(uuid, null);
      return stats !== null;
    };
    await Promise.all([
      forEachConcurrent(chunked(responsive, this.#options.chunkSize), { limit: IN_FLIGHT }, async (chunk) => {
        // Half of it passes by the guest that hangs, or both do; a second one that hangs is in one of them.
        if (!(await ask(chunk)) && chunk.length > 1)
          await Promise.all(chunked(chunk, Math.ceil(chunk.length / 2)).map(ask));
      }),
      forEachConcurrent(unresponsive, { limit: 1 }, (guest) => ask([guest])),
    ]);
    for (const { uuid } of guests) {
      const stats = found.get(uuid);
      this.#unresponsive.delete(uuid);
      if (stats !== undefined && !isAnswered(stats)) this.#unresponsive.add(uuid);
    }
    return found;
  }

  /** null: no answer in time. */
  async #ask(chunk: readonly DomainRef[], signal: AbortSignal): Promise<readonly DomainStats[] | null> {
    try {
      const options = { flags: STATS_FLAGS.NOWAIT, domains: chunk, timeoutMs: this.#options.chunkTimeoutMs, signal };
      return await this.#options.query((connection) =>
        connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, options),
      );
    } catch (error) {
      if (error instanceof LibvirtTimeoutError || (error instanceof HypervisorError && error.kind === 'timeout'))
        return null;
      throw error;
    }
  }
}

/**
 * Whether libvirt got through to the guest's QEMU. Of one that is busy or hangs it sends the size and the maximum, which it keeps itself; with an
 * answer comes at least the process's resident size.
 */
export function isAnswered(stats: DomainStats | null): boolean {
  return stats?.balloon?.rssKib !== undefined;
}

function chunked<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
