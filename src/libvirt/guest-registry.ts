import { AFFECT, LibvirtError, LibvirtTimeoutError, type Connection } from 'node-libvirt';
import type { Host } from '../ports/host.ts';
import type { GuestRef } from '../model/control.ts';
import { LABEL_FORM } from '../model/labels.ts';
import { escapeControls } from '../model/text.ts';
import { MAX_LABELS, readDomainXml, type DomainFacts } from './domain-xml.ts';
import type { GuestMetadata } from '../ports/hypervisor.ts';
import { forEachConcurrent } from '../support/concurrent.ts';

/** Cached data about one run of a guest. */
export interface GuestRecord extends GuestRef {
  readonly id: number | null;
  /** Whether its domain XML has been read. */
  xmlRead: boolean;
  minGuaranteeKib: number | null;
  metadata: GuestMetadata | null;
  /** Invalid labels in its metadata, as last reported. */
  reportedLabels: string;
  pid: number | null;
  /** Number of searches for its pid. */
  pidSearches: number;
  /** Its metadata may have changed since it was read. */
  metadataIsStale: boolean;
  /** Ballast set its statistics period, which must be reset to 0. */
  periodWasSet: boolean;
  /** Consecutive readings without a response. */
  missedResponses: number;
}

export interface GuestRegistryOptions {
  readonly host: Host;
  /** Directory of libvirt's `NAME.pid` files; null: unknown. */
  readonly pidDirectory: string | null;
  /** Seconds; 0: never set. */
  readonly statsPeriodS: number;
  readonly notice: (guest: GuestRef | null, message: string) => void;
}

/** Concurrent requests for domain XML. */
const CONCURRENCY = 3;

/** After this many failed searches, a pid file is only searched in every tenth reading. */
const PID_SEARCHES = 10;

/** Invalid labels that a message lists. */
const LABELS_SHOWN = 5;

/** A guest that misses one reading may be busy; after this many it is considered hung. */
const UNRESPONSIVE_AFTER = 2;

/** Caches data about guests that rarely changes: read once per run of a guest, the metadata again after a change. */
export class GuestRegistry {
  readonly #options: GuestRegistryOptions;
  readonly #records = new Map<string, GuestRecord>();

  constructor(options: GuestRegistryOptions) {
    this.#options = options;
  }

  get(uuid: string): GuestRecord | undefined {
    return this.#records.get(uuid);
  }

  all(): readonly GuestRecord[] {
    return [...this.#records.values()];
  }

  /** Adds a running guest, with a new record when it was restarted; true when it was not registered. */
  add(guest: GuestRef, id: number | null): boolean {
    const before = this.#records.get(guest.uuid);
    if (before !== undefined && before.id === id) return false;
    this.#records.set(guest.uuid, {
      name: guest.name,
      uuid: guest.uuid,
      id,
      xmlRead: false,
      minGuaranteeKib: null,
      metadata: null,
      reportedLabels: '',
      pid: null,
      pidSearches: 0,
      metadataIsStale: false,
      periodWasSet: false,
      missedResponses: 0,
    });
    return before === undefined;
  }

  /** Removes a guest that stopped; true when it was registered. */
  remove(uuid: string): boolean {
    return this.#records.delete(uuid);
  }

  /** Marks the metadata of a guest as stale; null: of all guests. */
  metadataChanged(uuid: string | null): void {
    for (const record of uuid === null ? this.all() : [this.#records.get(uuid)])
      if (record !== undefined) record.metadataIsStale = true;
  }

  /** Counts missed responses and reports guests that stop responding or respond again. */
  recordResponses(responds: (uuid: string) => boolean): void {
    for (const record of this.#records.values()) {
      const before = record.missedResponses;
      record.missedResponses = responds(record.uuid) ? 0 : before + 1;
      if (record.missedResponses === UNRESPONSIVE_AFTER) {
        this.#options.notice(
          record,
          'does not respond to libvirt; queried separately and its balloon left unchanged until it does',
        );
      }
      if (before >= UNRESPONSIVE_AFTER && record.missedResponses === 0)
        this.#options.notice(record, 'responds to libvirt again');
    }
  }

  /** Whether calls for this guest are expected to hang. */
  isUnresponsive(uuid: string): boolean {
    return (this.#records.get(uuid)?.missedResponses ?? 0) >= UNRESPONSIVE_AFTER;
  }

  /**
   * Reads missing and changed data. A guest whose read fails is unchanged and retried with the next refresh.
   * @param responds which guests respond now: a call for a guest that hangs would hang, too
   */
  async refresh(
    connection: Connection,
    responds: (uuid: string) => boolean,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const records = this.all().filter(({ uuid }) => responds(uuid));
    const todo = records.flatMap((record): (() => Promise<void>)[] => {
      if (!record.xmlRead) return [() => this.#readDomain(connection, record, timeoutMs, signal)];
      return record.metadataIsStale ? [() => this.#rereadMetadata(connection, record, timeoutMs, signal)] : [];
    });
    await forEachConcurrent(todo, { limit: CONCURRENCY, signal }, (read) => read());
    await Promise.all(records.filter(({ pid }) => pid === null).map((record) => this.#findProcess(record)));
  }

  async #readDomain(
    connection: Connection,
    record: GuestRecord,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const xml = await unlessRefused(connection.getXmlDesc(record, { timeoutMs, signal }));
    if (xml === null) return;
    let facts: DomainFacts = {
      minGuaranteeKib: null,
      metadata: null,
      wrongMin: null,
      wrongLabels: [],
      statsPeriodS: null,
    };
    try {
      facts = readDomainXml(xml);
    } catch (error) {
      this.#options.notice(
        record,
        `domain XML cannot be parsed, minimum and labels unknown: ${(error as Error).message}`,
      );
    }
    record.minGuaranteeKib = facts.minGuaranteeKib;
    record.metadata = facts.metadata;
    if (facts.wrongMin !== null) this.#options.notice(record, `minimum unknown: ${facts.wrongMin}`);
    this.#reportWrongLabels(record, facts.wrongLabels);
    if (facts.statsPeriodS === 0) await this.#setPeriod(connection, record, timeoutMs, signal);
    record.xmlRead = true;
  }

  async #setPeriod(connection: Connection, record: GuestRecord, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { statsPeriodS, notice } = this.#options;
    if (statsPeriodS === 0)
      return notice(
        record,
        'reports no statistics: its statistics period is 0 and Ballast is configured not to set one',
      );
    const call = connection.setMemoryStatsPeriod(record, statsPeriodS, { flags: AFFECT.LIVE, timeoutMs, signal });
    const refusal = await call.then(() => null, refusalOf);
    if (refusal !== null)
      return notice(record, `reports no statistics, and its statistics period cannot be set: ${refusal}`);
    record.periodWasSet = true;
    notice(record, `reported no statistics: statistics period set to ${statsPeriodS} s until Ballast stops`);
  }

  async #rereadMetadata(
    connection: Connection,
    record: GuestRecord,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    // libvirt's call for metadata would return the element without the namespace that identifies it.
    const xml = await unlessRefused(connection.getXmlDesc(record, { timeoutMs, signal }));
    if (xml === null) return;
    record.metadataIsStale = false;
    try {
      const { metadata, wrongMin, wrongLabels } = readDomainXml(xml);
      this.#reportWrongLabels(record, wrongLabels);
      if (wrongMin !== null)
        this.#options.notice(record, `changed minimum is invalid, keeping the previous one: ${wrongMin}`);
      const balloonMinKib = record.metadata?.balloonMinKib ?? null;
      record.metadata = metadata === null || wrongMin === null ? metadata : { ...metadata, balloonMinKib };
    } catch (error) {
      this.#options.notice(
        record,
        `changed metadata cannot be parsed, keeping the previous values: ${(error as Error).message}`,
      );
    }
  }

  /** Reports invalid labels once, although unchanged metadata may be read again. */
  #reportWrongLabels(record: GuestRecord, wrong: readonly string[]): void {
    const shown = wrong
      .slice(0, LABELS_SHOWN)
      .map((label) => JSON.stringify(label.length > 64 ? `${label.slice(0, 64)}…` : label));
    const text =
      wrong.length > shown.length ? `${shown.join(', ')} and ${wrong.length - shown.length} more` : shown.join(', ');
    if (text === record.reportedLabels) return;
    record.reportedLabels = text;
    if (text === '') return;
    this.#options.notice(
      record,
      `has invalid labels in its metadata, ignored: ${escapeControls(text)}; a label is ${LABEL_FORM}, and a guest has at most ${MAX_LABELS}`,
    );
  }

  async #findProcess(record: GuestRecord): Promise<void> {
    const { pidDirectory } = this.#options;
    const searches = record.pidSearches++;
    if (pidDirectory === null || (searches >= PID_SEARCHES && searches % PID_SEARCHES !== 0)) return;
    // An unreadable file is treated as absent: without a pid the fields of the process are nil.
    const text = await this.#options.host.readText(`${pidDirectory}/${record.name}.pid`).catch(() => null);
    const pid = Number(text?.trim());
    if (text !== null && Number.isInteger(pid) && pid > 0) record.pid = pid;
  }
}

/** null when libvirt returns an error or times out: the guest stopped or is busy, and the next reading retries. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | null> {
  return call.catch((error: unknown) => {
    refusalOf(error);
    return null;
  });
}

/** The message of a libvirt error or timeout. Rethrows a lost connection or a bug, which affect more than one guest. */
function refusalOf(error: unknown): string {
  if (error instanceof LibvirtError || error instanceof LibvirtTimeoutError) return error.message;
  throw error;
}
