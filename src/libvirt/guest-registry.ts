import type { Clock } from '../ports/clock.ts';
import type { Host } from '../ports/host.ts';
import { parseProcessStat } from '../host/process-stat.ts';
import type { GuestRef } from '../model/control.ts';
import { LABEL_FORM } from '../model/labels.ts';
import { escapeControls, quotedForeign } from '../model/text.ts';
import { MAX_LABELS } from './domain-metadata.ts';
import { readLongDomainXml, type DomainFacts } from './domain-xml.ts';
import { newRecord, refusalOf, type GuestRecord, type Notice, type Query } from './guest-record.ts';
import { GuestJobs } from './guest-jobs.ts';
import type { PeriodLedger } from './period-ledger.ts';
import { StatisticsWatch } from './statistics-watch.ts';
import { forEachConcurrent } from '../support/concurrent.ts';

export interface GuestRegistryOptions {
  readonly host: Host;
  /** Directory of libvirt's `NAME.pid` files; null: unknown. */
  readonly pidDirectory: string | null;
  /** Seconds; 0: never set. */
  readonly statsPeriodS: number;
  readonly ledger: PeriodLedger;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly notice: Notice;
  /** Why nothing may be written now; null: it may. Absent: it always may. */
  readonly stopped?: (() => Promise<string | null>) | undefined;
}

/** Concurrent requests about single guests. */
const CONCURRENCY = 3;

/** After this many failed searches, a pid file is only searched in every tenth reading. */
const PID_SEARCHES = 10;

/** Invalid labels that a message lists. */
const LABELS_SHOWN = 5;

/** A guest that misses one reading may be busy; after this many it is considered hung. */
const UNRESPONSIVE_AFTER = 2;

/** Caches data about guests that rarely changes: read once per run of a guest, and again after libvirt reports a change. */
export class GuestRegistry {
  readonly #options: GuestRegistryOptions;
  readonly #records = new Map<string, GuestRecord>();
  readonly #statistics: StatisticsWatch;
  readonly #jobs = new GuestJobs();
  /** Guests whose process may be another one than before. */
  readonly #unidentified = new Set<string>();

  constructor(options: GuestRegistryOptions) {
    this.#options = options;
    this.#statistics = new StatisticsWatch(options);
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
    this.#records.set(guest.uuid, newRecord(guest, id, this.#options.clock.monotonic()));
    return before === undefined;
  }

  /** Removes a guest that stopped; true when it was registered. */
  remove(uuid: string): boolean {
    this.#unidentified.delete(uuid);
    return this.#records.delete(uuid);
  }

  /** The domain XML of a guest must be read again. */
  domainChanged(uuid: string): void {
    const record = this.#records.get(uuid);
    if (record !== undefined) record.xmlIsStale = true;
  }

  /** What libvirt does with a guest may have changed. */
  jobChanged(uuid: string): void {
    const record = this.#records.get(uuid);
    if (record !== undefined) record.jobIsStale = true;
  }

  /**
   * After a new connection: events were lost, and a libvirtd that was restarted numbers its guests anew, so that a guest
   * may be another process under the same id.
   */
  reconnected(): void {
    for (const record of this.#records.values()) {
      record.xmlIsStale = true;
      record.jobIsStale = true;
      this.#unidentified.add(record.uuid);
    }
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
   * Reads missing and changed data of the guests that respond: a call for one that hangs would hang, too. A guest whose
   * read fails is unchanged and retried with the next refresh.
   */
  async refresh(query: Query): Promise<void> {
    await Promise.all(this.all().map((record) => this.#identify(record)));
    const records = this.all().filter(({ uuid }) => query.stats(uuid) !== null);
    for (const record of records) this.#statistics.observe(record, query.stats(record.uuid)!);
    const limits = { limit: CONCURRENCY, signal: query.options.signal };
    const changed = records.filter(({ xmlRead, xmlIsStale }) => !xmlRead || xmlIsStale);
    await forEachConcurrent(changed, limits, (record) => this.#readDomain(record, query));
    await this.#jobs.refresh(records, query, limits);
    for (const record of records) this.#statistics.explain(record, query.stats(record.uuid)!);
  }

  /** Like {@link refresh} for one guest: its XML when it has changed, and its job. */
  async refreshOne(record: GuestRecord, query: Query): Promise<void> {
    if (query.stats(record.uuid) === null) return;
    if (!record.xmlRead || record.xmlIsStale) await this.#readDomain(record, query);
    await this.#jobs.ask(record, query);
  }

  /** Resets the statistics periods that only this Ballast needs. @returns the number that could not be reset */
  async resetPeriods(reset: (record: GuestRecord) => Promise<void>, concurrency: number): Promise<number> {
    return this.#statistics.reset(
      this.all().filter(({ uuid }) => !this.isUnresponsive(uuid)),
      reset,
      concurrency,
    );
  }

  async #readDomain(record: GuestRecord, query: Query): Promise<void> {
    let xml: string;
    record.xmlIsStale = false;
    try {
      xml = await query.connection.getXmlDesc(record, query.options);
    } catch (error) {
      record.xmlIsStale = true;
      // The guest stopped or is busy: the next reading retries.
      refusalOf(error);
      return;
    }
    try {
      const facts = await readLongDomainXml(xml);
      record.initialKib ??= facts.domain.currentKib;
      record.facts = this.#withLastMinimum(record, facts);
      this.#reportWrong(record, facts);
      await this.#statistics.keepPeriod(record, query);
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      // Limits that cannot be read could be violated: without facts, the balloon is left alone.
      record.facts = null;
      this.#reportOnce(record, `domain XML cannot be read, so its balloon is left alone: ${error.message}`);
    }
    record.xmlRead = true;
  }

  /** Invalid settings do not loosen the limits of a guest: the last valid minimum stays, or its balloon is left alone. */
  #withLastMinimum({ facts: before }: GuestRecord, facts: DomainFacts): DomainFacts {
    if (facts.wrong.length === 0) return facts;
    const keep = <L extends DomainFacts['metadata'] | DomainFacts['ovirt']>(limits: L, last: L | undefined): L =>
      limits && {
        ...limits,
        balloonMinKib: limits.balloonMinKib ?? last?.balloonMinKib ?? null,
        ballooning: limits.ballooning ?? last?.ballooning ?? null,
      };
    const metadata = keep(facts.metadata, before?.metadata);
    const ovirt = keep(facts.ovirt, before?.ovirt);
    const isKnown = before !== null && before.wrong.length === 0;
    if (isKnown) return { ...facts, metadata, ovirt, wrong: [] };
    return metadata === null
      ? { ...facts, ovirt: ovirt && { ...ovirt, ballooning: false } }
      : { ...facts, ovirt, metadata: { ...metadata, ballooning: false } };
  }

  #reportWrong(record: GuestRecord, { wrong, wrongLabels }: DomainFacts): void {
    const text = wrong.join('; ');
    if (text === '') record.reportedXml = '';
    else if (record.facts?.wrong.length === 0)
      this.#reportOnce(record, `changed limits are invalid, keeping the previous ones: ${text}`);
    else this.#reportOnce(record, `limits unknown, so its balloon is left alone: ${text}`);
    this.#reportWrongLabels(record, wrongLabels);
  }

  #reportOnce(record: GuestRecord, message: string): void {
    if (message === record.reportedXml) return;
    record.reportedXml = message;
    this.#options.notice(record, escapeControls(message));
  }

  /** Reports invalid labels once, although unchanged metadata may be read again. */
  #reportWrongLabels(record: GuestRecord, wrong: readonly string[]): void {
    const shown = wrong.slice(0, LABELS_SHOWN).map(quotedForeign);
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

  /** Finds the process of a guest, and begins a new record when it is another process than before. */
  async #identify(record: GuestRecord): Promise<void> {
    const { pidDirectory, clock } = this.#options;
    const isUnidentified = this.#unidentified.delete(record.uuid);
    if (pidDirectory === null || (record.pid !== null && !isUnidentified)) return;
    const searches = record.pidSearches++;
    if (!isUnidentified && searches >= PID_SEARCHES && searches % PID_SEARCHES !== 0) return;
    const pid = await this.#pidIn(`${pidDirectory}/${record.name}.pid`);
    if (pid === null) return;
    const startTicks = await this.#startTicks(pid);
    const isOther =
      record.pid !== null &&
      (pid !== record.pid || (startTicks !== null && record.startTicks !== null && startTicks !== record.startTicks));
    const current = isOther ? newRecord(record, record.id, clock.monotonic()) : record;
    current.pid = pid;
    current.startTicks = startTicks;
    if (!isOther) return;
    this.#records.set(record.uuid, current);
    this.#options.notice(
      record,
      `was started anew while there was no connection to libvirt: process ${pid} instead of ${record.pid}`,
    );
  }

  /** An unreadable file is treated as absent: without a pid the fields of the process are nil. */
  async #pidIn(path: string): Promise<number | null> {
    const text = await this.#options.host.readText(path).catch(() => null);
    const pid = Number(text?.slice(0, 20).trim());
    return text !== null && Number.isInteger(pid) && pid > 0 ? pid : null;
  }

  async #startTicks(pid: number): Promise<number | null> {
    const path = `/proc/${pid}/stat`;
    try {
      const text = await this.#options.host.readText(path);
      return text === null ? null : parseProcessStat(path, text).startTicks;
    } catch {
      return null;
    }
  }
}
