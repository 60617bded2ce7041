import { LibvirtError, LibvirtTimeoutError, type CallOptions, type Connection, type DomainStats } from 'node-libvirt';
import type { GuestRef } from '../model/control.ts';
import type { MissingStatistics } from '../ports/guest-domain.ts';
import type { DomainFacts } from './domain-xml.ts';

/** Cached data about one run of a guest. */
export interface GuestRecord extends GuestRef {
  readonly id: number | null;
  /** Whether its domain XML has been received, readable or not. */
  xmlRead: boolean;
  /** The domain may have changed since its XML was read. */
  xmlIsStale: boolean;
  /** null: the XML was not read yet, or cannot be read. */
  facts: DomainFacts | null;
  /** `<currentMemory>` when the XML was first read. */
  initialKib: number | null;
  /** What was last reported about its XML and labels, so that each is reported once. */
  reportedXml: string;
  reportedLabels: string;
  pid: number | null;
  startTicks: number | null;
  /** Number of searches for its pid. */
  pidSearches: number;
  /** Consecutive readings without a response. */
  missedResponses: number;
  /** `none`, or what libvirt does with it; null: unknown. */
  job: string | null;
  jobIsStale: boolean;
  readonly statistics: StatisticsRecord;
}

/** What is known about the statistics of a guest. Times are those of the monotonic clock, milliseconds. */
export interface StatisticsRecord {
  /** The guest's own period before it was lost, seconds; 0: it had none. */
  ownPeriodS: number;
  /** A Ballast set the period, which must be reset to 0 in the end. */
  periodWasSet: boolean;
  /** Why the period could not be set. */
  refusal: string | null;
  readonly seenMs: number;
  /** The guest's last report, and when it was first seen here. */
  lastUpdateS: number;
  updatedMs: number;
  /** How often the XML was read again because no report came. */
  checks: number;
  maximumKib: number | null;
  currentKib: number | null;
  missing: MissingStatistics | null;
  /** The cause that the operator was told; null: none. */
  toldCause: MissingStatistics['cause'] | null;
}

export function newRecord({ name, uuid }: GuestRef, id: number | null, nowMs: number): GuestRecord {
  return {
    name,
    uuid,
    id,
    xmlRead: false,
    xmlIsStale: false,
    facts: null,
    initialKib: null,
    reportedXml: '',
    reportedLabels: '',
    pid: null,
    startTicks: null,
    pidSearches: 0,
    missedResponses: 0,
    job: null,
    jobIsStale: true,
    statistics: {
      ownPeriodS: 0,
      periodWasSet: false,
      refusal: null,
      seenMs: nowMs,
      lastUpdateS: 0,
      updatedMs: nowMs,
      checks: 0,
      maximumKib: null,
      currentKib: null,
      missing: null,
      toldCause: null,
    },
  };
}

/** Identifies a run of a guest, also for another Ballast. */
export function runKey({ uuid, id, pid, startTicks }: GuestRecord): string {
  return pid === null ? `${uuid} id ${id}` : `${uuid} pid ${pid} ${startTicks}`;
}

/** How a guest is asked in one reading. */
export interface Query {
  readonly connection: Connection;
  readonly options: Required<Pick<CallOptions, 'timeoutMs' | 'signal'>>;
  /** The current bulk statistics of a guest that responds; null of one that does not. */
  readonly stats: (uuid: string) => DomainStats | null;
}

export type Notice = (guest: GuestRef | null, message: string) => void;

/** The message of a libvirt error or timeout. Rethrows a lost connection or a bug, which affect more than one guest. */
export function refusalOf(error: unknown): string {
  if (error instanceof LibvirtError || error instanceof LibvirtTimeoutError) return error.message;
  throw error;
}
