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
  /** Number of guests per call. */
  readonly chunkSize: number;
  /** Timeout of one call of this reading, milliseconds. A complete reading takes about twice that at most. */
  readonly chunkTimeoutMs: () => number;
  /** Runs a call on a connection with a free slot. */
  readonly query: <T>(call: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Concurrent calls. */
const CONCURRENCY = 2;

/**
 * Reads state and balloon statistics of many guests, in chunks that keep each call short.
 *
 * A guest whose QEMU hangs blocks the first call that includes it indefinitely; later calls (NOWAIT) skip it and return
 * only the values that libvirtd has cached. A guest that does not respond is marked unresponsive and queried in a
 * separate call until it responds, so that it does not delay the others.
 */
export class BulkQuery {
  readonly #options: BulkOptions;
  /** By uuid. */
  #unresponsive = new Set<string>();

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** The statistics by uuid; `null` for a guest whose call timed out. Guests that no longer exist are left out. */
  async read(guests: readonly DomainRef[], signal: AbortSignal): Promise<ReadonlyMap<string, DomainStats | null>> {
    const deadline = this.#options.clock.monotonic() + 2 * this.#options.chunkTimeoutMs();
    const found = new Map<string, DomainStats | null>();
    const responsive = guests.filter(({ uuid }) => !this.#unresponsive.has(uuid));
    // In insertion order: the guest that has waited longest comes first.
    const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
    const unresponsive = [...this.#unresponsive].flatMap((uuid) => byUuid.get(uuid) ?? []);
    this.#unresponsive = new Set(unresponsive.map(({ uuid }) => uuid));
    const readChunk = async (chunk: readonly DomainRef[]): Promise<boolean> => {
      const stats = this.#options.clock.monotonic() < deadline ? await this.#query(chunk, signal) : null;
      for (const each of stats ?? []) found.set(each.domain.uuid, each);
      if (stats === null) for (const { uuid } of chunk) found.set(uuid, null);
      return stats !== null;
    };
    await Promise.all([
      forEachConcurrent(chunked(responsive, this.#options.chunkSize), { limit: CONCURRENCY }, async (chunk) => {
        // libvirtd now skips the guest that hangs, so both halves succeed unless a second guest hangs.
        if (!(await readChunk(chunk)) && chunk.length > 1)
          await Promise.all(chunked(chunk, Math.ceil(chunk.length / 2)).map(readChunk));
      }),
      forEachConcurrent(unresponsive, { limit: 1 }, (guest) => readChunk([guest])),
    ]);
    for (const { uuid } of guests) {
      const stats = found.get(uuid);
      this.#unresponsive.delete(uuid);
      if (stats !== undefined && !hasResponse(stats)) this.#unresponsive.add(uuid);
    }
    return found;
  }

  /** null: timed out. */
  async #query(chunk: readonly DomainRef[], signal: AbortSignal): Promise<readonly DomainStats[] | null> {
    try {
      const options = { flags: STATS_FLAGS.NOWAIT, domains: chunk, timeoutMs: this.#options.chunkTimeoutMs(), signal };
      return await this.#options.query((connection) =>
        connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, options),
      );
    } catch (error) {
      if (error instanceof LibvirtTimeoutError || (error instanceof HypervisorError && error.kind === 'busy'))
        return null;
      throw error;
    }
  }
}

/**
 * Whether the guest's QEMU replied to libvirt. Without a reply libvirt sends only its cached values, the size and the
 * maximum; with one it sends at least the resident size of the process.
 */
export function hasResponse(stats: DomainStats | null): boolean {
  return stats?.balloon?.rssKib !== undefined;
}

function chunked<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
