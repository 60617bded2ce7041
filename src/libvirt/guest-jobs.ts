import { JOB_OPERATIONS, JOB_TYPE, LibvirtError } from 'node-libvirt';
import { forEachConcurrent, type ConcurrentOptions } from '../support/concurrent.ts';
import { refusalOf, type GuestRecord, type Query } from './guest-record.ts';

/** Guests that are asked in one reading although nothing hints at a job: libvirt has no event for the begin of every job. */
const ASKED_IN_TURN = 20;

/** virDomainPausedReason: libvirt stopped the guest for a job of its own. */
const PAUSED = 3;
const PAUSED_FOR: Readonly<Record<number, string>> = { 2: 'migration', 3: 'save', 4: 'dump', 9: 'snapshot' };

/** libvirt's codes for a call that it does not have. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['NO_SUPPORT', 'RPC', 'OPERATION_UNSUPPORTED']);

/** Follows what libvirt does with the guests: one call for each guest that may have a job. */
export class GuestJobs {
  #isSupported = true;
  #turn = 0;

  async refresh(records: readonly GuestRecord[], query: Query, limits: ConcurrentOptions): Promise<void> {
    if (records.length === 0) return;
    const from = this.#turn % records.length;
    this.#turn = from + ASKED_IN_TURN;
    const asked = records.filter(({ job, jobIsStale }, at) => {
      const isInTurn = (at - from + records.length) % records.length < ASKED_IN_TURN;
      return jobIsStale || isInTurn || (job !== null && job !== 'none');
    });
    await forEachConcurrent(asked, limits, (record) => this.ask(record, query));
  }

  /** Asks about one guest. */
  async ask(record: GuestRecord, query: Query): Promise<void> {
    record.jobIsStale = false;
    record.job = await this.#jobOf(record, query);
  }

  async #jobOf(record: GuestRecord, { connection, options, stats }: Query): Promise<string | null> {
    const { state, reason } = stats(record.uuid)?.state ?? {};
    const paused = state === PAUSED ? (PAUSED_FOR[reason ?? 0] ?? null) : null;
    if (!this.#isSupported) return paused;
    try {
      const { type, operation } = await connection.getJob(record, options);
      if (type !== JOB_TYPE.BOUNDED && type !== JOB_TYPE.UNBOUNDED) return 'none';
      return JOB_OPERATIONS[operation ?? 0] ?? 'unknown';
    } catch (error) {
      if (error instanceof LibvirtError && UNSUPPORTED.has(error.code)) this.#isSupported = false;
      refusalOf(error);
      // libvirt refuses it for a guest that is being received.
      return paused;
    }
  }
}
