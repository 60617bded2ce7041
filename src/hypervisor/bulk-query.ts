import { LibvirtTimeoutError, STATS, STATS_FLAGS, type Connection, type DomainRef, type DomainStats } from 'node-libvirt';

export interface BulkOptions {
  /** Guests in one call. */
  readonly chunkSize: number;
  /** Longest wait for the answer about one chunk, milliseconds. */
  readonly chunkTimeoutMs: number;
  /** Gives a connection with room for a call. */
  readonly connection: () => Promise<Connection>;
}

/** Chunks that are asked for at once. */
const IN_FLIGHT = 2;

/**
 * How often a chunk is asked for before its guests are given up for this time. The first guest that hangs holds up the
 * first call; later calls pass it by (NOWAIT), each up to the next guest that hangs.
 */
const ATTEMPTS = 3;

/**
 * State and balloon statistics of these guests, in chunks, so that no call is long. Guests that are gone are left out.
 * What is unanswered (`null`) is for guests in chunks that no attempt got through.
 */
export async function bulkStatistics(guests: readonly DomainRef[], options: BulkOptions, signal: AbortSignal): Promise<ReadonlyMap<string, DomainStats | null>> {
  const chunks = chunked(guests, options.chunkSize);
  const found = new Map<string, DomainStats | null>();
  let next = 0;
  const worker = async () => {
    while (next < chunks.length) {
      const chunk = chunks[next++]!;
      const stats = await askChunk(chunk, options, signal);
      if (stats === null) for (const { uuid } of chunk) found.set(uuid, null);
      else for (const each of stats) found.set(each.domain.uuid, each);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, chunks.length) }, worker));
  return found;
}

async function askChunk(chunk: readonly DomainRef[], options: BulkOptions, signal: AbortSignal): Promise<readonly DomainStats[] | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const connection = await options.connection();
    try {
      return await connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, {
        flags: STATS_FLAGS.NOWAIT, domains: chunk, timeoutMs: options.chunkTimeoutMs, signal,
      });
    } catch (error) {
      if (!(error instanceof LibvirtTimeoutError)) throw error;
    }
  }
  return null;
}

function chunked<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
