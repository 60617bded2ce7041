import type { GuestRef } from '../model/control.ts';
import { knowsGuests } from '../model/ksm-saving.ts';
import type { PolicyLine } from '../recording/policy-line.ts';
import type { RecordedInterval, RecordingHeader } from '../recording/format.ts';
import { eventOf, type TimelineEvent } from '../tooling/timeline/event.ts';
import { merged, MomentColumn, RangeColumn, type Range } from './columns.ts';
import { Episodes, type Episode } from './episodes.ts';
import { Grid, type Buckets } from './grid.ts';
import { GuestAccumulator, type GuestAnalysis } from './guest-analysis.ts';
import { heldMsOf, HOLDS_FOR } from './held.ts';
import { Holds, type GuardHolds } from './holds.ts';
import { Readings, type GuestReading, type HostReading } from './readings.ts';

/** What happened in a recording, for a report. Sizes are KiB. */
export interface Analysis {
  readonly hostName: string | null;
  /** The first and the last interval, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly collectIntervalMs: number;
  readonly intervals: number;
  readonly evaluations: number;
  /** Time without intervals between the first and the last, seconds. */
  readonly missingSeconds: number;
  /** How often the host's clock was set back. */
  readonly clockSetBack: number;
  readonly buckets: Buckets;
  readonly host: HostAnalysis;
  readonly guests: readonly GuestAnalysis[];
  /** Buckets of the guests' series. */
  readonly guestBuckets: Buckets;
  /** Guests beyond the number that is analysed. */
  readonly guestsLeftOut: number;
  readonly holds: readonly GuardHolds[];
  readonly policyErrors: number;
  /** Readings that failed. */
  readonly problems: number;
}

export interface HostAnalysis {
  readonly totalKib: number | null;
  /** The moment with the least memory that could be handed out; null: never known. */
  readonly tightest: { readonly timeMs: number; readonly reading: HostReading } | null;
  /** What all guests were promised at most. */
  readonly mostPromisedKib: number | null;
  /** Memory in balloons and saved by KSM over time, KiB times hours. */
  readonly balloonKibHours: number;
  readonly ksmKibHours: number;
  readonly hours: number;
  /** Of each bucket, the moment with the least memory that could be handed out. */
  readonly moments: readonly (HostReading | null)[];
  readonly saved: Range;
  readonly ksmdPercent: Range;
  readonly pressurePercent: Range;
  /** KSM's settings. */
  readonly episodes: readonly Episode[];
}

export interface AnalysisOptions {
  /** Buckets of the host's series; default 720. */
  readonly buckets?: number;
  /** The largest number of buckets of the guests' series; default: that of the host. */
  readonly guestBuckets?: (guests: number) => number;
  /** Only these guests, by name or UUID; they still count in the host's figures. Absent: all. */
  readonly isWanted?: (guest: GuestRef) => boolean;
}

const BUCKETS = 720;
const MOST_GUESTS = 1000;
const MOST_LEFT_OUT = 100_000;
const MOST_HOST_EPISODES = 500;
/** Writes with more time between them are different episodes, in evaluations. */
const EPISODE_GAP = 6;
const HOUR_MS = 3_600_000;

interface Pending {
  readonly timeMs: number;
  readonly host: HostReading;
  readonly guests: readonly {
    readonly kept: GuestAccumulator;
    readonly reading: GuestReading;
    readonly targetKib: number | null;
  }[];
  readonly balloonKib: number;
}

/**
 * Accumulates the intervals of the recordings of one host, in their order, in bounded memory: call {@link begin} with the header
 * of each file, then {@link add} with each of its intervals.
 */
export class RecordingAnalysis {
  readonly #options: AnalysisOptions;
  #header: RecordingHeader | null = null;
  #readings: Readings | null = null;
  #grid = new Grid(BUCKETS, 1000);
  #columns = columnsOf(this.#grid);
  #holds = new Holds(this.#grid);
  #episodes = new Episodes(MOST_HOST_EPISODES, 60_000);
  readonly #guests = new Map<string, GuestAccumulator>();
  readonly #leftOut = new Set<string>();
  #pending: Pending | null = null;
  #range: { fromMs: number; toMs: number } | null = null;
  #tightest: HostAnalysis['tightest'] = null;
  #mostPromisedKib: number | null = null;
  #totalKib: number | null = null;
  readonly #sums = {
    ...{ intervals: 0, evaluations: 0, missingMs: 0, clockSetBack: 0, policyErrors: 0, problems: 0 },
    ...{ balloonKibMs: 0, ksmKibMs: 0, coveredMs: 0 },
  };

  constructor(options: AnalysisOptions = {}) {
    this.#options = options;
  }

  /** Begins the next file. */
  begin(header: RecordingHeader): void {
    if (this.#header === null) {
      this.#grid = new Grid(this.#options.buckets ?? BUCKETS, header.collect_interval_ms);
      this.#columns = columnsOf(this.#grid);
      this.#holds = new Holds(this.#grid);
      this.#episodes = new Episodes(MOST_HOST_EPISODES, gapOf(header));
    }
    this.#header = header;
    this.#readings = new Readings(header);
  }

  add({ snapshot, context, policy, relief }: RecordedInterval): void {
    if (context || this.#readings === null || this.#header === null) return;
    const { timeMs } = snapshot;
    const before = this.#pending;
    this.#flush(timeMs);
    const elapsedMs = before === null || timeMs < before.timeMs ? null : timeMs - before.timeMs;
    this.#sums.intervals += 1;
    this.#sums.problems += snapshot.problems.length;
    this.#range = {
      fromMs: Math.min(this.#range?.fromMs ?? timeMs, timeMs),
      toMs: Math.max(this.#range?.toMs ?? timeMs, timeMs),
    };
    const host = this.#readings.host(snapshot);
    this.#addHost(timeMs, host);
    let [balloonKib, promisedKib]: [number, number | null] = [0, knowsGuests(snapshot) ? 0 : null];
    const guests: Pending['guests'][number][] = [];
    for (const guest of snapshot.guests) {
      const kept = this.#guestOf(guest);
      if (kept === null) continue;
      const reading = this.#readings.guest(guest, timeMs, elapsedMs);
      balloonKib += Math.max(0, (reading.maxKib ?? 0) - (reading.actualKib ?? reading.maxKib ?? 0));
      promisedKib = promisedKib === null || reading.maxKib === null ? null : promisedKib + reading.maxKib;
      guests.push({ kept, reading, targetKib: kept.targetKib });
    }
    if (promisedKib !== null) this.#mostPromisedKib = Math.max(this.#mostPromisedKib ?? 0, promisedKib);
    this.#pending = { timeMs, host, guests, balloonKib };
    if (policy !== null) this.#sums.evaluations += 1;
    for (const line of [policy, relief]) if (line) this.#addLine(timeMs, line);
  }

  /** The result. Nothing can be added after it; null: there were no intervals. */
  result(): Analysis | null {
    this.#flush(null);
    if (this.#range === null || this.#header === null) return null;
    const grid = this.#grid;
    const wanted = [...this.#guests.values()].filter(({ ref }) => this.#options.isWanted?.(ref) ?? true);
    const most = this.#options.guestBuckets?.(wanted.length) ?? grid.size;
    const merge = Math.max(1, Math.ceil(grid.buckets.count / most));
    const { intervals, evaluations, missingMs, clockSetBack, policyErrors, problems } = this.#sums;
    const { moments, saved, ksmd, pressure } = this.#columns;
    const { name } = this.#header.host_props;
    return {
      ...this.#range,
      hostName: typeof name === 'string' ? name : null,
      collectIntervalMs: this.#header.collect_interval_ms,
      ...{ intervals, evaluations, missingSeconds: missingMs / 1000, clockSetBack, policyErrors, problems },
      buckets: grid.buckets,
      guestBuckets: merged(grid.buckets, merge),
      host: {
        ...{ totalKib: this.#totalKib, tightest: this.#tightest, mostPromisedKib: this.#mostPromisedKib },
        balloonKibHours: this.#sums.balloonKibMs / HOUR_MS,
        ksmKibHours: this.#sums.ksmKibMs / HOUR_MS,
        hours: this.#sums.coveredMs / HOUR_MS,
        ...{ moments: moments.moments(grid), saved: saved.range(grid), ksmdPercent: ksmd.range(grid) },
        ...{ pressurePercent: pressure.range(grid), episodes: this.#episodes.list() },
      },
      guests: wanted.map((guest) => guest.result(grid, merge)),
      guestsLeftOut: this.#leftOut.size,
      holds: this.#holds.list(),
    };
  }

  /** What was read last holds until now. */
  #flush(nowMs: number | null): void {
    const last = this.#pending;
    if (last === null) return;
    this.#pending = null;
    const intervalMs = this.#header!.collect_interval_ms;
    const untilNextMs = nowMs === null ? intervalMs : nowMs - last.timeMs;
    if (untilNextMs < 0) this.#sums.clockSetBack += 1;
    const heldMs = heldMsOf(last.timeMs, nowMs, intervalMs);
    this.#sums.missingMs += Math.max(0, untilNextMs - HOLDS_FOR * intervalMs);
    // The second call may move the first index.
    const [from, to] = [last.timeMs, Math.max(last.timeMs, last.timeMs + heldMs - 1)];
    this.#grid.at(from);
    const end = this.#grid.at(nowMs === null ? from : to);
    const begin = this.#grid.indexOf(from);
    for (let at = begin; at <= end; at++) this.#addMoment(at, last.host);
    for (const { kept, reading, targetKib } of last.guests) kept.add(reading, targetKib, begin, end, heldMs);
    this.#sums.coveredMs += heldMs;
    this.#sums.balloonKibMs += last.balloonKib * heldMs;
    this.#sums.ksmKibMs += (last.host.savedKib ?? 0) * heldMs;
  }

  #addMoment(at: number, host: HostReading): void {
    const { moments, saved, ksmd, pressure } = this.#columns;
    moments.add(at, host.allocatableKib ?? host.freeKib ?? Infinity, host);
    if (host.savedKib !== null) saved.add(at, host.savedKib);
    if (host.ksmdPercent !== null) ksmd.add(at, host.ksmdPercent);
    if (host.pressurePercent !== null) pressure.add(at, host.pressurePercent);
  }

  #addHost(timeMs: number, reading: HostReading): void {
    const { allocatableKib, totalKib } = reading;
    this.#totalKib = totalKib ?? this.#totalKib;
    const least = this.#tightest?.reading.allocatableKib ?? Infinity;
    if (allocatableKib !== null && allocatableKib < least) this.#tightest = { timeMs, reading };
  }

  #addLine(timeMs: number, { outcomes, held, errors }: PolicyLine): void {
    for (const outcome of outcomes) {
      const event = eventOf('', outcome);
      if (event.kind === 'write') this.#addWrite(timeMs, event);
    }
    this.#sums.policyErrors += errors.length;
    const at = held.length === 0 ? 0 : this.#grid.at(timeMs);
    for (const each of held) {
      this.#holds.add(at, each);
      const kept = each.kind === 'held' && each.guest !== null ? this.#guestOf(each.guest) : null;
      if (kept !== null) kept.held += 1;
    }
  }

  #addWrite(timeMs: number, event: TimelineEvent): void {
    if (event.guest === null) this.#episodes.add(timeMs, event);
    else this.#guestOf(event.guest)?.write(timeMs, event);
  }

  /** null: there are too many. */
  #guestOf({ name, uuid }: GuestRef): GuestAccumulator | null {
    const known = this.#guests.get(uuid);
    if (known !== undefined) return known;
    if (this.#guests.size >= MOST_GUESTS) {
      if (this.#leftOut.size < MOST_LEFT_OUT) this.#leftOut.add(uuid);
      return null;
    }
    const kept = new GuestAccumulator({ name, uuid }, this.#grid, gapOf(this.#header!));
    this.#guests.set(uuid, kept);
    return kept;
  }
}

function gapOf({ policy_interval_ms, collect_interval_ms }: RecordingHeader): number {
  return EPISODE_GAP * (policy_interval_ms ?? collect_interval_ms);
}

function columnsOf(grid: Grid) {
  return {
    moments: new MomentColumn<HostReading>(grid),
    ...{ saved: new RangeColumn(grid), ksmd: new RangeColumn(grid), pressure: new RangeColumn(grid) },
  };
}
