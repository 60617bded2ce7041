import {
  AFFECT, LIFECYCLE, LIST_DOMAINS, type Connection, type DomainStats, type LifecycleEvent,
} from 'node-libvirt';
import type { Host } from '../host/host.ts';
import type { GuestRef } from '../model/control.ts';
import { bulkStatistics } from './bulk-query.ts';
import { GuestBook, type GuestRecord } from './guest-book.ts';
import { asHypervisorError, Link } from './link.ts';
import {
  HypervisorError, type BalloonReading, type GuestReading, type GuestState, type Hypervisor, type HypervisorEvent, type HypervisorReading,
} from './port.ts';

export interface LibvirtOptions {
  readonly uri: string;
  /** libvirt's socket, where it is not at its usual place. */
  readonly socketPath?: string;
  /** Longest wait for one call, milliseconds. */
  readonly callTimeoutMs: number;
  /** Guests in one bulk call. */
  readonly chunkSize: number;
  /** Set for guests that report no statistics, seconds; 0: never. */
  readonly statsPeriodS: number;
  readonly host: Host;
  /** Where libvirt keeps the pid files of its guests. Default: that of the system daemon. */
  readonly pidDirectory?: string;
  /** Waits between attempts to connect, milliseconds. Default: 1 s, doubling to 30 s. */
  readonly retryMs?: { readonly first: number; readonly longest: number };
}

/** One chunk of guests should answer within this, even when the limit for calls is higher: the others wait for it. Milliseconds. */
const CHUNK_TIMEOUT_MS = 2000;

/** For putting the statistics periods back when leaving, milliseconds in all. */
const CLOSING_MS = 1000;

/** virDomainState in the order of its numbers. */
const STATES: readonly GuestState[] = [
  'no state', 'running', 'blocked', 'paused', 'in shutdown', 'shut off', 'crashed', 'suspended by guest power management',
];

/** The hypervisor port on libvirt's RPC protocol. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #options: LibvirtOptions;
  readonly #link: Link;
  readonly #book: GuestBook;
  readonly #listeners: ((event: HypervisorEvent) => void)[] = [];

  constructor(options: LibvirtOptions) {
    this.#options = options;
    const { uri, socketPath, callTimeoutMs, host, statsPeriodS } = options;
    this.#book = new GuestBook({
      host, statsPeriodS,
      pidDirectory: options.pidDirectory ?? '/run/libvirt/qemu',
      notice: (guest, message) => this.#tell({ kind: 'notice', guest: guest === null ? null : refOf(guest), message }),
    });
    this.#link = new Link(
      { uri, callTimeoutMs, retryMs: options.retryMs ?? { first: 1000, longest: 30_000 }, ...(socketPath !== undefined && { socketPath }) },
      {
        onUp: async (control) => {
          await this.#subscribe(control);
          this.#tell({ kind: 'connected', uri });
        },
        onDown: (reason, retryInMs) => this.#tell({ kind: 'disconnected', reason, retryInMs }),
      },
    );
  }

  start(): Promise<boolean> {
    return this.#link.open();
  }

  get connected(): boolean {
    return this.#link.up;
  }

  onEvent(listener: (event: HypervisorEvent) => void): void {
    this.#listeners.push(listener);
  }

  async readGuests(signal: AbortSignal): Promise<HypervisorReading> {
    const { callTimeoutMs, chunkSize } = this.#options;
    const chunkTimeoutMs = Math.min(CHUNK_TIMEOUT_MS, callTimeoutMs);
    try {
      const query = await this.#link.query();
      this.#compare(await query.listAllDomains({ flags: LIST_DOMAINS.ACTIVE, timeoutMs: callTimeoutMs, signal }));
      const records = this.#book.all();
      const statistics = await bulkStatistics(records, { chunkSize, chunkTimeoutMs, connection: () => this.#link.query() }, signal);
      const answers = (uuid: string) => statistics.get(uuid)?.balloon?.rssKib !== undefined;
      await this.#book.refresh(await this.#link.query(), answers, chunkTimeoutMs, signal);
      return reading(this.#book.all(), statistics);
    } catch (error) {
      if (signal.aborted) throw new HypervisorError('timeout', 'the reading of the guests was given up', { cause: error });
      throw asHypervisorError(error);
    }
  }

  async setBalloonTarget(guest: GuestRef, targetKib: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#link.control.setMemory(guest, targetKib, { flags: AFFECT.LIVE, timeoutMs: this.#options.callTimeoutMs, signal });
    } catch (error) {
      throw asHypervisorError(error);
    }
  }

  async close(): Promise<void> {
    const signal = AbortSignal.timeout(CLOSING_MS);
    if (this.#link.up) {
      const { control } = this.#link;
      const ours = this.#book.all().filter(({ periodWasSet }) => periodWasSet);
      const putBack = (guest: GuestRecord) => control.setMemoryStatsPeriod(guest, 0, { flags: AFFECT.LIVE, signal });
      const results = await Promise.allSettled(ours.map(putBack));
      const failed = results.filter(({ status }) => status === 'rejected').length;
      if (failed > 0) this.#tell({ kind: 'notice', guest: null, message: `The statistics period of ${failed} guests could not be put back to 0` });
    }
    await this.#link.close();
  }

  async #subscribe(control: Connection): Promise<void> {
    await control.subscribe('lifecycle', (event) => this.#onLifecycle(event));
    await control.subscribe('balloonChange', ({ domain, currentKib }) => {
      this.#tell({ kind: 'balloon-changed', guest: refOf(domain), currentKib: Number(currentKib) });
    });
  }

  #onLifecycle({ domain, event }: LifecycleEvent): void {
    if (event === LIFECYCLE.STARTED) this.#appeared(domain, domain.id);
    if (event === LIFECYCLE.STOPPED || event === LIFECYCLE.CRASHED) this.#vanished(domain);
  }

  /** The periodic look: events can be missed while there is no connection. */
  #compare(active: readonly (GuestRef & { readonly id: number | null })[]): void {
    const present = new Set(active.map(({ uuid }) => uuid));
    for (const record of this.#book.all()) if (!present.has(record.uuid)) this.#vanished(record);
    for (const domain of active) this.#appeared(domain, domain.id);
  }

  #appeared(guest: GuestRef, id: number | null): void {
    if (this.#book.meet(guest, id)) this.#tell({ kind: 'guest-appeared', guest: refOf(guest) });
  }

  #vanished(guest: GuestRef): void {
    if (this.#book.part(guest.uuid)) this.#tell({ kind: 'guest-vanished', guest: refOf(guest) });
  }

  #tell(event: HypervisorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function reading(records: readonly GuestRecord[], statistics: ReadonlyMap<string, DomainStats | null>): HypervisorReading {
  // Without an entry the guest vanished after the list was made, or appeared after it: it is not there for this time.
  const guests = records.flatMap((record) => {
    const stats = statistics.get(record.uuid);
    return stats === undefined ? [] : [guestReading(record, stats)];
  });
  return { guests, problems: [] };
}

function guestReading(record: GuestRecord, stats: DomainStats | null): GuestReading {
  const { name, uuid, id, pid, minGuaranteeKib, metadata } = record;
  const balloon = stats?.balloon ?? {};
  return {
    name, uuid, id, pid, minGuaranteeKib, metadata,
    state: STATES[stats?.state?.state ?? 0] ?? 'no state',
    balloon: { ...balloon, other: numbersOf(stats) },
    // With NOWAIT libvirt leaves out all that it would have to ask QEMU for; the resident size comes last and always.
    answer: record.known && balloon.rssKib !== undefined ? 'fresh' : 'stuck',
  };
}

function numbersOf(stats: DomainStats | null): BalloonReading['other'] {
  const entries = Object.entries(stats?.other ?? {}).flatMap(([key, value]) => {
    if (!key.startsWith('balloon.')) return [];
    return typeof value === 'number' ? [[key.slice('balloon.'.length), value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function refOf({ name, uuid }: GuestRef): GuestRef {
  return { name, uuid };
}
