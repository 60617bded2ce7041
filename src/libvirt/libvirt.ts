import {
  AFFECT,
  LibvirtError,
  LIFECYCLE,
  STATS,
  STATS_FLAGS,
  type CallOptions,
  type Connection,
  type LifecycleEvent,
} from 'node-libvirt';
import type { Clock } from '../ports/clock.ts';
import type { Host } from '../ports/host.ts';
import type { GuestRef } from '../model/control.ts';
import { DomainList } from './domain-list.ts';
import { LibvirtAgent } from './agent.ts';
import { BulkQuery, hasResponse } from './bulk-query.ts';
import { guestReading, reading } from './guest-reading.ts';
import { METADATA_NAMESPACE, OVIRT_NAMESPACE } from './domain-metadata.ts';
import { GuestRegistry } from './guest-registry.ts';
import { asHypervisorError, callOutcome, Link } from './link.ts';
import { FileLedger } from './period-ledger.ts';
import { pidDirectoryFor } from './pid-directory.ts';
import { SentChanges } from './sent-changes.ts';
import { subscribeIfKnown } from './subscribe.ts';
import { LibvirtTuning } from './tuning.ts';
import {
  HypervisorError,
  type GuestReading,
  type Hypervisor,
  type HypervisorEvent,
  type HypervisorReading,
} from '../ports/hypervisor.ts';

export interface LibvirtOptions {
  readonly uri: string;
  /** libvirt's socket; absent: the default path. */
  readonly socketPath?: string;
  /** Timeout of one call, milliseconds. */
  readonly callTimeoutMs: number;
  /** How often guests are read, milliseconds: guests that hang must not make a reading longer than that. Absent: not known. */
  readonly intervalMs?: number;
  /** Number of guests per bulk call. */
  readonly chunkSize: number;
  /** Period set for guests that report no statistics, seconds; 0: none. */
  readonly statsPeriodS: number;
  readonly host: Host;
  /** The user's `XDG_RUNTIME_DIR`, where a session daemon stores the pid files of its guests; absent: pids are unknown. */
  readonly runtimeDirectory?: string;
  /** Delays between connection attempts, milliseconds. Default: {@link RETRY_MS}. */
  readonly retryMs?: { readonly first: number; readonly longest: number };
  /** Where Ballast notes whose statistics period it has set, for its next start after a crash; absent: nowhere. */
  readonly stateDirectory?: string;
  /** Why no statistics period may be set now; null: it may. Absent: it always may. */
  readonly stopped?: () => Promise<string | null>;
  readonly clock: Clock;
}

/**
 * Delays between connection attempts, milliseconds. An attempt costs no more than looking at the socket, and guests wait for it: a
 * libvirtd that answers is noticed within 5 s, however long it took to start.
 */
export const RETRY_MS = { first: 1000, longest: 4000 } as const;

/** Timeout of one chunk when the call timeout is longer, milliseconds: other chunks wait for it. */
const CHUNK_TIMEOUT_MS = { most: 1500, least: 300 } as const;

/** The same as a share of the interval: two chunks in turn leave time for the rest. */
const CHUNK_SHARE = 0.3;

/** Total time for resetting statistics periods at exit, milliseconds. */
const CLOSE_TIMEOUT_MS = 1500;
const CLOSE_CONCURRENCY = 3;

/** The hypervisor port on libvirt's RPC protocol. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #options: LibvirtOptions;
  readonly #link: Link;
  readonly #guests: GuestRegistry;
  readonly #bulk: BulkQuery;
  readonly #domains: DomainList;
  /** No reading over this connection has ended: libvirtd may still be starting, and gets more time. */
  #isFirst = true;
  readonly #changes: SentChanges;
  readonly tuning: LibvirtTuning;
  readonly agent: LibvirtAgent;
  readonly #listeners: ((event: HypervisorEvent) => void)[] = [];

  constructor(options: LibvirtOptions) {
    this.#options = options;
    const { uri, socketPath, callTimeoutMs, host, statsPeriodS } = options;
    const notice = (guest: GuestRef | null, message: string): void =>
      this.#emit({ kind: 'notice', guest: guest === null ? null : refOf(guest), message });
    this.#guests = new GuestRegistry({
      host,
      statsPeriodS,
      stopped: options.stopped,
      pidDirectory: pidDirectoryFor(uri, options.runtimeDirectory),
      ledger: new FileLedger(options.stateDirectory ?? null, options.clock.monotonic, notice),
      clock: options.clock,
      notice,
    });
    this.#link = new Link(
      {
        uri,
        callTimeoutMs,
        retryMs: options.retryMs ?? RETRY_MS,
        clock: options.clock,
        ...(socketPath !== undefined && { socketPath }),
      },
      {
        prepare: (query) => this.#subscribe(query),
        onUp: () => {
          this.#guests.reconnected();
          this.#isFirst = true;
          this.#emit({ kind: 'connected', uri });
        },
        onCall: (call, tookMs, error) => {
          this.#emit({ kind: 'call', call, tookMs, outcome: callOutcome(error) });
        },
        onDown: (reason, retryInMs) => this.#emit({ kind: 'disconnected', reason, retryInMs }),
      },
    );
    this.#changes = new SentChanges({
      timeoutMs: callTimeoutMs,
      monotonic: options.clock.monotonic,
      notice,
      // It may wait for the guest's lock: a job that takes long holds it.
      onHang: (uuid) => this.#guests.jobChanged(uuid),
    });
    this.agent = new LibvirtAgent(this.#link, callTimeoutMs);
    this.tuning = new LibvirtTuning({
      ...{ link: this.#link, callTimeoutMs },
      isUnresponsive: (uuid) => this.#guests.isUnresponsive(uuid),
      isNotRunning: (guest, error, call) => this.#isNotRunning(guest, error, call),
    });
    this.#domains = new DomainList(callTimeoutMs, options.clock.monotonic);
    this.#bulk = new BulkQuery({
      chunkSize: options.chunkSize,
      chunkTimeoutMs: () => this.#chunkTimeoutMs,
      query: (call) => this.#link.query(call),
      clock: options.clock,
    });
  }

  start(): Promise<boolean> {
    return this.#link.open();
  }

  get connected(): boolean {
    return this.#link.up;
  }

  /** libvirtd's version: 9000000 is 9.0.0. @throws HypervisorError */
  async libraryVersion(signal: AbortSignal): Promise<number> {
    try {
      return await this.#link.primary.getLibVersion({ timeoutMs: this.#options.callTimeoutMs, signal });
    } catch (error) {
      throw asHypervisorError(error);
    }
  }

  onEvent(listener: (event: HypervisorEvent) => void): void {
    this.#listeners.push(listener);
  }

  async readGuests(signal: AbortSignal): Promise<HypervisorReading> {
    try {
      const connection = this.#link.primary;
      this.#compare(await this.#domains.read(connection, signal));
      const statistics = await this.#bulk.read(this.#guests.all(), signal);
      const responds = (uuid: string): boolean => hasResponse(statistics.get(uuid) ?? null);
      this.#guests.recordResponses((uuid) => !statistics.has(uuid) || responds(uuid));
      await this.#guests.refresh({
        connection,
        options: { timeoutMs: this.#chunkTimeoutMs, signal },
        stats: (uuid) => (responds(uuid) ? (statistics.get(uuid) ?? null) : null),
      });
      this.#isFirst = false;
      return reading(this.#guests.all(), statistics);
    } catch (error) {
      if (signal.aborted) throw new HypervisorError('timeout', 'reading the guests was aborted', { cause: error });
      throw asHypervisorError(error);
    }
  }

  async readGuest(guest: GuestRef, signal: AbortSignal): Promise<GuestReading | null> {
    const record = this.#guests.get(guest.uuid);
    if (record === undefined) return null;
    const options = { timeoutMs: this.#chunkTimeoutMs, signal };
    try {
      const call = { flags: STATS_FLAGS.NOWAIT, domains: [guest], ...options };
      const [stats = null] = await this.#link.query((connection) =>
        connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, call),
      );
      if (stats === null || stats.domain.id === null) return null;
      const query = { connection: this.#link.primary, options, stats: () => (hasResponse(stats) ? stats : null) };
      await this.#guests.refreshOne(record, query);
      return guestReading(record, stats);
    } catch (error) {
      throw asHypervisorError(error);
    }
  }

  async setBalloonTarget(guest: GuestRef, targetKib: number, signal: AbortSignal): Promise<void> {
    if (this.#guests.isUnresponsive(guest.uuid))
      throw new HypervisorError('busy', 'the guest does not respond to libvirt; nothing was sent');
    const options = { timeoutMs: this.#options.callTimeoutMs, signal };
    // Without a timeout: what libvirtd has received it carries out, however long nobody waits for it.
    const untilAnswered = { flags: AFFECT.LIVE, timeoutMs: 0 };
    try {
      await this.#changes.send(guest, targetKib, signal, () =>
        this.#link.control((control) => control.setMemory(guest, targetKib, untilAnswered)),
      );
    } catch (error) {
      this.#guests.jobChanged(guest.uuid);
      throw (await this.#isNotRunning(guest, error, options))
        ? new HypervisorError('gone', 'the guest is no longer running', { cause: error })
        : asHypervisorError(error);
    }
  }

  /** OPERATION_INVALID has several meanings; one is that the guest is not running. */
  async #isNotRunning(guest: GuestRef, error: unknown, options: CallOptions): Promise<boolean> {
    if (!(error instanceof LibvirtError) || error.code !== 'OPERATION_INVALID') return false;
    return this.#link.primary.lookupByUuid(guest.uuid, options).then(
      ({ id }) => id === null,
      (lookupError: unknown) => lookupError instanceof LibvirtError && lookupError.code === 'NO_DOMAIN',
    );
  }

  get #chunkTimeoutMs(): number {
    const { intervalMs = Infinity, callTimeoutMs } = this.#options;
    const { most, least } = CHUNK_TIMEOUT_MS;
    const shareMs = this.#isFirst ? most : Math.max(least, CHUNK_SHARE * intervalMs);
    return Math.min(callTimeoutMs, most, shareMs);
  }

  async close(): Promise<void> {
    const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    const failed = await this.#guests.resetPeriods(
      (guest) =>
        this.#link.control((control) => control.setMemoryStatsPeriod(guest, 0, { flags: AFFECT.LIVE, signal })),
      CLOSE_CONCURRENCY,
    );
    if (failed > 0)
      this.#emit({
        kind: 'notice',
        guest: null,
        message: `Cannot reset the statistics period of ${failed} guests to 0`,
      });
    await this.#link.close();
  }

  async #subscribe(query: Connection): Promise<void> {
    await query.subscribe('lifecycle', (event) => this.#onLifecycle(event));
    await query.subscribe('metadataChange', ({ domain, uri }) => {
      if (uri === METADATA_NAMESPACE || uri === OVIRT_NAMESPACE) this.#guests.domainChanged(domain.uuid);
    });
    for (const kind of ['deviceAdded', 'deviceRemoved', 'memoryDeviceSizeChange'] as const)
      await subscribeIfKnown(query, kind, ({ uuid }) => this.#guests.domainChanged(uuid));
    for (const kind of ['migrationIteration', 'jobCompleted'] as const)
      await subscribeIfKnown(query, kind, ({ uuid }) => this.#guests.jobChanged(uuid));
    await query.subscribe('balloonChange', ({ domain, currentKib }) => {
      this.#emit({ kind: 'balloon-changed', guest: refOf(domain), currentKib: Number(currentKib) });
    });
  }

  #onLifecycle({ domain, event }: LifecycleEvent): void {
    if (event === LIFECYCLE.STARTED) this.#appeared(domain, domain.id);
    if (event === LIFECYCLE.STOPPED || event === LIFECYCLE.CRASHED) this.#vanished(domain);
  }

  /** Compares the registry with the list of active guests: events are lost while there is no connection. */
  #compare(active: readonly (GuestRef & { readonly id: number | null })[]): void {
    const present = new Set(active.map(({ uuid }) => uuid));
    for (const record of this.#guests.all()) if (!present.has(record.uuid)) this.#vanished(record);
    for (const domain of active) this.#appeared(domain, domain.id);
  }

  #appeared(guest: GuestRef, id: number | null): void {
    if (this.#guests.add(guest, id)) this.#emit({ kind: 'guest-appeared', guest: refOf(guest) });
  }

  #vanished(guest: GuestRef): void {
    if (this.#guests.remove(guest.uuid)) this.#emit({ kind: 'guest-vanished', guest: refOf(guest) });
  }

  #emit(event: HypervisorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function refOf({ name, uuid }: GuestRef): GuestRef {
  return { name, uuid };
}
