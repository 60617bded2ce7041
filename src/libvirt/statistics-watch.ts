import { AFFECT, type DomainStats } from 'node-libvirt';
import type { Clock } from '../ports/clock.ts';
import type { MissingStatistics } from '../ports/guest-domain.ts';
import { escapeControls } from '../model/text.ts';
import { forEachConcurrent } from '../support/concurrent.ts';
import { refusalOf, runKey, type GuestRecord, type Notice, type Query } from './guest-record.ts';
import type { PeriodLedger } from './period-ledger.ts';

export interface StatisticsWatchOptions {
  /** Seconds; 0: never set. */
  readonly statsPeriodS: number;
  readonly ledger: PeriodLedger;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  readonly notice: Notice;
  /** Why nothing may be written now; null: it may. Absent: it always may. */
  readonly stopped?: (() => Promise<string | null>) | undefined;
}

/** A report may be this much later than its period. */
const LATE_MS = 1000;

/** The longest time until the period of a guest that stays silent is looked at again. */
const LONGEST_CHECK_MS = 300_000;

/** After this time without any report, a guest has no driver rather than that it boots. */
const BOOT_MS = 60_000;

/** virDomainState of guests that run, and can report. */
const RUNNING: ReadonlySet<number | undefined> = new Set([0, 1, 2]);

/** Watches that guests report their memory: sets a missing period, sees when it was lost, and says why figures are missing. */
export class StatisticsWatch {
  readonly #options: StatisticsWatchOptions;

  constructor(options: StatisticsWatchOptions) {
    this.#options = options;
  }

  /** Marks the domain XML as stale when the guest is silent for longer than its period, or its sizes changed. */
  observe(record: GuestRecord, { balloon = {}, state }: DomainStats): void {
    const { statistics: known } = record;
    const now = this.#options.clock.monotonic();
    const report = balloon.lastUpdateS ?? 0;
    if (report !== known.lastUpdateS || !RUNNING.has(state?.state)) {
      known.lastUpdateS = report;
      known.updatedMs = now;
      known.checks = 0;
    }
    const { statsPeriodS, notPluggedKib } = record.facts?.domain ?? { statsPeriodS: null, notPluggedKib: 0 };
    if (statsPeriodS !== null && statsPeriodS > 0 && now - known.updatedMs > waitMs(statsPeriodS, known.checks)) {
      known.checks++;
      record.xmlIsStale = true;
    }
    const { maximumKib = null, currentKib = null } = balloon;
    const isResized = known.maximumKib !== null && maximumKib !== known.maximumKib;
    // More than is known to be plugged: an older libvirt has no event for that.
    const isPlugged = currentKib !== known.currentKib && (currentKib ?? 0) > (maximumKib ?? Infinity) - notPluggedKib;
    if (isResized || isPlugged) record.xmlIsStale = true;
    known.maximumKib = maximumKib;
    known.currentKib = currentKib;
  }

  /** Sets the period of a guest that has none, or that has lost it. Called with each new XML. */
  async keepPeriod(record: GuestRecord, query: Query): Promise<void> {
    const { statistics: known, facts } = record;
    const period = facts?.domain.statsPeriodS ?? null;
    if (period === null) return;
    known.refusal = null;
    const wanted = known.ownPeriodS > 0 ? known.ownPeriodS : this.#options.statsPeriodS;
    if (period > 0) {
      // What another Ballast has set is not the guest's own.
      if (!known.periodWasSet && (await this.#options.ledger.has(runKey(record)))) {
        known.periodWasSet = true;
        await this.#options.ledger.add(runKey(record));
      }
      if (!known.periodWasSet) known.ownPeriodS = period;
      // QEMU may have lost what libvirt still believes; for a driver that is silent this changes nothing.
      if (known.checks === 1 && this.#options.statsPeriodS > 0) await this.#set(record, period, query);
      return;
    }
    if (this.#options.statsPeriodS === 0) return;
    const isOwn = known.ownPeriodS > 0;
    if (!isOwn) await this.#options.ledger.add(runKey(record));
    if (!(await this.#set(record, wanted, query))) {
      if (!isOwn && !known.periodWasSet) await this.#options.ledger.remove(runKey(record));
      return;
    }
    const { notice } = this.#options;
    if (isOwn) notice(record, `had lost its statistics period of ${wanted} s: set again`);
    else if (known.periodWasSet)
      notice(record, `had lost its statistics period: set again to ${wanted} s until Ballast stops`);
    else notice(record, `reported no statistics: statistics period set to ${wanted} s until Ballast stops`);
    known.periodWasSet ||= !isOwn;
  }

  /** Finds out why current figures are missing, and says so once for each cause. */
  explain(record: GuestRecord, stats: DomainStats): void {
    const { statistics: known } = record;
    const missing = record.facts === null ? null : this.#missing(record, stats);
    known.missing = missing;
    if (missing === null) known.toldCause = null;
    if (missing === null || missing.cause === known.toldCause) return;
    // The first report comes with the next period; that the period was set has been said.
    const isDue = this.#options.clock.monotonic() - known.seenMs > waitMs(this.#options.statsPeriodS, 0);
    if (missing.cause === 'not booted' && known.periodWasSet && !isDue) return;
    known.toldCause = missing.cause;
    this.#options.notice(record, missing.message);
  }

  /** @returns the number that could not be reset */
  async reset(
    records: readonly GuestRecord[],
    reset: (record: GuestRecord) => Promise<void>,
    concurrency: number,
  ): Promise<number> {
    const { ledger } = this.#options;
    const ours = records.filter(({ statistics }) => statistics.periodWasSet);
    if (ours.length === 0) return 0;
    // Given up before the others are asked: of two that stop at once, one must reset it.
    const needed = await ledger.release(ours.map(runKey));
    let failed = 0;
    await forEachConcurrent(
      ours.filter((record) => !needed.has(runKey(record))),
      { limit: concurrency },
      async (record) => {
        try {
          const stopped = (await this.#options.stopped?.()) ?? null;
          if (stopped !== null) throw new Error(stopped);
          await reset(record);
        } catch {
          failed++;
          await ledger.add(runKey(record));
        }
      },
    );
    return failed;
  }

  async #set(record: GuestRecord, periodS: number, { connection, options }: Query): Promise<boolean> {
    const stopped = (await this.#options.stopped?.()) ?? null;
    if (stopped !== null) {
      // The next reading tries again.
      record.xmlIsStale = true;
      record.statistics.refusal = stopped;
      return false;
    }
    const call = connection.setMemoryStatsPeriod(record, periodS, { flags: AFFECT.LIVE, ...options });
    record.statistics.refusal = await call.then(() => null, refusalOf);
    if (record.statistics.refusal === null && record.facts !== null)
      record.facts = { ...record.facts, domain: { ...record.facts.domain, statsPeriodS: periodS } };
    return record.statistics.refusal === null;
  }

  #missing({ facts, statistics }: GuestRecord, { balloon = {}, state }: DomainStats): MissingStatistics | null {
    const missing = (cause: MissingStatistics['cause'], message: string) => ({ cause, message });
    const period = facts!.domain.statsPeriodS;
    const { clock } = this.#options;
    const report = balloon.lastUpdateS ?? 0;
    if (period === null)
      return missing(
        'no device',
        'reports no statistics and cannot be ballooned: it has no balloon device; give its domain XML a <memballoon model="virtio">',
      );
    if (period === 0 && statistics.refusal !== null)
      return missing(
        'period 0',
        `reports no statistics, and its statistics period cannot be set: ${escapeControls(statistics.refusal.slice(0, 300))}`,
      );
    if (period === 0)
      return missing(
        'period 0',
        'reports no statistics: its statistics period is 0, and Ballast sets none in a dry run or with libvirt.stats_period 0; to set it by hand: virsh dommemstat NAME --period 5',
      );
    const lacking = [
      ...(balloon.availableKib === undefined ? ['available'] : []),
      ...(balloon.unusedKib === undefined ? ['unused'] : []),
    ];
    if (report === 0 && lacking.length > 0) {
      const isNew = clock.monotonic() - statistics.seenMs < BOOT_MS || !RUNNING.has(state?.state);
      return isNew
        ? missing(
            'not booted',
            'has not reported any statistics yet: it is booting, or has no balloon driver; a driver is needed, virtio_balloon on Linux, that of virtio-win on Windows',
          )
        : missing(
            'no driver',
            'never reports statistics: no balloon driver that sends them runs in it; load virtio_balloon on Linux, install the driver and service of virtio-win on Windows',
          );
    }
    const silentMs =
      lacking.length > 0
        ? clock.now() - report * 1000
        : statistics.checks < 2
          ? 0
          : clock.monotonic() - statistics.updatedMs;
    if (silentMs > waitMs(period, 1))
      return missing(
        'service silent',
        'no longer reports statistics: its balloon driver or service has stopped; on Windows start the service BalloonService, on Linux load virtio_balloon again',
      );
    if (lacking.length > 0)
      return missing(
        'incomplete',
        `reports statistics without ${lacking.join(' and ')}: its balloon driver is too old or reports only a part; update it`,
      );
    return null;
  }
}

function waitMs(periodS: number, checks: number): number {
  return Math.max(periodS * 1000, Math.min(LONGEST_CHECK_MS, periodS * 1000 * 2 ** checks)) + LATE_MS;
}
