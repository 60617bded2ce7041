import type { GuestSnapshot } from '../../../model/snapshot.ts';
import { PAGE_KIB } from '../../constants.ts';
import { visibleKernelKib } from '../../guest/kernel.ts';
import { Curve, toleranceOf } from '../curve.ts';
import { BalloonTrack } from './balloon-track.ts';
import type { Columns } from './columns.ts';
import { FileTrack } from './file-track.ts';
import { SwappedEstimate } from './swapped.ts';

/** More samples without a new report than this many intervals: the driver is silent. */
const SILENT_S = 60;

/** What a guest counts from its boot on. */
const COUNTERS = ['minor_fault', 'major_fault', 'swap_in', 'swap_out', 'async_scan'];

/** Longer without a sample is more than a collection that was late, seconds. */
const AWAY_S = 15;

/** Less than this share of its memory is free or page cache: it is full. */
const FULL = 0.04;

/** What a recording says about one guest, from the start of its process to its end. Times are seconds from the start of the recording. */
export class GuestHistory {
  readonly name: string;
  readonly uuid: string;
  readonly memoryKib: number;
  readonly firstS: number;
  lastS: number;
  /** When its process started; negative: before the recording. null: not recorded. */
  startedS: number | null = null;
  /** What its programs want. */
  readonly demand: Curve;
  readonly resident: Curve;
  readonly swapped = new SwappedEstimate();
  readonly files: FileTrack;
  readonly balloon: BalloonTrack;
  readonly rebootsS: number[] = [];
  readonly figures = { reports: 0, withCaches: 0, oomKills: 0, doubted: false, overFull: 0 };
  readonly first: { readonly sizeKib: number; readonly residentKib: number };
  minKib: number | null = null;
  swapKib: number | null = null;
  mostMergedKib = 0;
  mostUsedKib = 0;
  lowestAgeS = Infinity;
  lastReportS: number | null = null;
  freePageReporting = false;
  migratedS: number | null = null;
  readonly periods = new Map<number, number>();
  #lastUpdate: number | null = null;
  #before: { readonly counters: readonly (number | null)[]; readonly caches: number | null } | null = null;
  #oomKills = 0;
  #sawSample = false;
  #shortestGapS = Infinity;

  constructor({ name, uuid, sample }: GuestSnapshot, columns: Columns, atS: number) {
    this.name = name;
    this.uuid = uuid;
    this.firstS = this.lastS = atS;
    this.memoryKib = columns.first(sample, 'balloon_max', 'balloon_cur', 'mem_available') ?? 0;
    this.demand = new Curve(toleranceOf(this.memoryKib));
    this.resident = new Curve(toleranceOf(this.memoryKib));
    this.files = new FileTrack(this.memoryKib);
    this.balloon = new BalloonTrack(this.memoryKib);
    const sizeKib = columns.number(sample, 'balloon_cur') ?? this.memoryKib;
    this.first = { sizeKib, residentKib: residentOf(sample, columns) ?? 0 };
  }

  get isSilent(): boolean {
    return this.lastReportS !== null && this.lastS - this.lastReportS > SILENT_S + 5 * this.lowestAgeS;
  }

  /** Whether a sample is of another process than the ones before. */
  isAnother({ sample }: GuestSnapshot, columns: Columns, atS: number): boolean {
    const uptimeS = columns.number(sample, 'uptime');
    return (
      uptimeS !== null && this.startedS !== null && atS - uptimeS > this.startedS + 10 && atS - uptimeS > this.lastS
    );
  }

  add({ sample }: GuestSnapshot, columns: Columns, atS: number, timeMs: number): void {
    const gapS = atS - this.lastS;
    const isAway = gapS > AWAY_S && gapS > 2.5 * this.#shortestGapS;
    if (gapS > 0) this.#shortestGapS = Math.min(this.#shortestGapS, gapS);
    this.lastS = atS;
    const uptimeS = columns.number(sample, 'uptime');
    if (uptimeS !== null && this.startedS === null) this.startedS = Math.round(atS - uptimeS);
    this.#properties(sample, columns, atS);
    const residentKib = residentOf(sample, columns);
    if (residentKib !== null) this.resident.add(atS, residentKib);
    const sizeKib = columns.number(sample, 'balloon_cur');
    if (sizeKib !== null) this.balloon.add(atS, sizeKib, columns.is(sample, 'balloon_stuck'));
    if (sizeKib !== null && residentKib !== null)
      this.balloon.compare(sizeKib, residentKib, columns.is(sample, 'memory_not_returned'));
    this.#noticeBoot(sample, columns, atS, isAway ? gapS : 0);
    this.#report(sample, columns, atS, timeMs);
  }

  #properties(sample: GuestSnapshot['sample'], columns: Columns, atS: number): void {
    if (!this.#sawSample) {
      this.#sawSample = true;
      const min = columns.number(sample, 'balloon_min');
      this.minKib = columns.value(sample, 'balloon_min_source') === 'none' || min === 0 ? null : min;
      this.freePageReporting = columns.is(sample, 'free_page_reporting');
    }
    this.balloon.note(sample, columns);
    this.swapKib ??= columns.first(sample, 'agent_swap_total', 'swap_total');
    if (columns.is(sample, 'figures_doubted')) this.figures.doubted = true;
    const merged = columns.number(sample, 'ksm_merging_pages');
    if (merged !== null) this.mostMergedKib = Math.max(this.mostMergedKib, merged * PAGE_KIB);
    const job = columns.value(sample, 'job');
    if (typeof job === 'string' && job.startsWith('migration')) this.migratedS ??= atS;
  }

  /** The figures of the balloon driver, when they are new. */
  #report(sample: GuestSnapshot['sample'], columns: Columns, atS: number, timeMs: number): void {
    const total = columns.number(sample, 'mem_available');
    const unused = columns.number(sample, 'mem_unused');
    if (total === null || unused === null) return;
    const update = columns.number(sample, 'last_update');
    const ageS = columns.number(sample, 'stats_age') ?? 0;
    if (update !== null && update === this.#lastUpdate) return;
    if (update !== null && this.#lastUpdate !== null && update > this.#lastUpdate) {
      const period = update - this.#lastUpdate;
      this.periods.set(period, (this.periods.get(period) ?? 0) + 1);
    }
    this.#lastUpdate = update;
    const givenS = update === null ? Math.round(atS - ageS) : atS + Math.round(update - timeMs / 1000);
    // Clocks are set, and figures may be older than the recording.
    const reportedS = Math.max(this.firstS, Math.min(atS, givenS));
    this.lastReportS = reportedS;
    this.lowestAgeS = Math.min(this.lowestAgeS, ageS);
    this.figures.reports += 1;
    const caches = cachesOf(sample, columns);
    if (caches !== null) this.figures.withCaches += 1;
    const usedKib = Math.max(0, total - unused - (caches ?? 0));
    const [readIn, written] = [columns.number(sample, 'swap_in'), columns.number(sample, 'swap_out')];
    this.swapped.add(usedKib, readIn, written);
    const swappedKib = columns.first(sample, 'agent_swap_usage', 'swap_usage') ?? this.swapped.kib;
    this.mostUsedKib = Math.max(this.mostUsedKib, usedKib + (caches ?? 0));
    this.demand.add(reportedS, Math.max(0, usedKib + swappedKib - visibleKernelKib(this.memoryKib)));
    if (caches !== null)
      this.files.add(
        reportedS,
        { cacheKib: caches, freeKib: unused, faults: columns.number(sample, 'major_fault') },
        readIn,
      );
    const kills = columns.number(sample, 'oom_kill') ?? 0;
    if (kills > this.#oomKills && this.figures.reports > 1) this.figures.oomKills += kills - this.#oomKills;
    this.#oomKills = kills;
    if (unused + (caches ?? 0) < total * FULL) this.figures.overFull += 1;
  }

  /** A counter that went back, or no sample for a while and then hardly any page cache: the guest has booted. */
  #noticeBoot(sample: GuestSnapshot['sample'], columns: Columns, atS: number, wasAwayS: number): void {
    const counters = COUNTERS.map((name) => columns.number(sample, name));
    const caches = cachesOf(sample, columns);
    const before = this.#before;
    this.#before = {
      counters: counters.map((count, at) => count ?? before?.counters[at] ?? null),
      caches: caches ?? before?.caches ?? null,
    };
    if (before === null) return;
    const wentBack = counters.some((count, at) => count !== null && count < (before.counters[at] ?? 0));
    const isEmpty = wasAwayS > 0 && caches !== null && before.caches !== null && caches < before.caches / 2;
    if (!wentBack && !isEmpty) return;
    // It had no samples while it booted.
    this.rebootsS.push(atS - wasAwayS);
    this.swapped.reset();
    this.files.reset();
    this.#oomKills = 0;
  }
}

/** Page cache. MOM's guest agent has it together with what is free. */
function cachesOf(sample: GuestSnapshot['sample'], columns: Columns): number | null {
  const caches = columns.number(sample, 'disk_caches');
  const [free, unused] = [columns.number(sample, 'mem_free'), columns.number(sample, 'mem_unused')];
  return caches ?? (free === null || unused === null ? null : Math.max(0, free - unused));
}

function residentOf(sample: GuestSnapshot['sample'], columns: Columns): number | null {
  const kib = columns.number(sample, 'balloon_rss');
  if (kib !== null) return kib;
  const pages = columns.number(sample, 'rss');
  return pages === null ? null : pages * PAGE_KIB;
}
