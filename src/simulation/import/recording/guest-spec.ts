import { GUEST, PAGE_KIB } from '../../constants.ts';
import type { GuestSpec } from '../../scenario/model.ts';
import type { Point } from '../curve.ts';
import type { Inferences } from '../inferences.ts';
import type { SeenFiles } from './file-track.ts';
import type { GuestHistory } from './guest-history.ts';

const MIB = 1024;

/** The image of all guests whose pages KSM has merged: which of them are equal is not recorded. */
const IMAGE = 'recorded';

/** Started so long before it is first seen, a guest is taken to run already, seconds. */
const RUNNING_S = 60;

const MOST_KIB = 64 * 1024 ** 3;
const LATEST_S = 744 * 3600;

export interface RecordingContext {
  /** When the recording ends. */
  readonly endS: number;
  /** See {@link largestSwapShare}. */
  readonly swapShare: number;
  readonly inferences: Inferences;
  /** MOM has no page cache of guests, and counts it as used. */
  readonly isOfMom?: boolean;
}

/** The model of a guest. */
export function guestSpec(history: GuestHistory, name: string, context: RecordingContext): GuestSpec {
  const { endS, swapShare, inferences, isOfMom = false } = context;
  const infer = (sentence: string) => inferences.add(sentence, name);
  const { memoryKib, balloon, figures } = history;
  const hasFigures = figures.reports > 0;
  if (!hasFigures) infer('it reports no memory statistics; what is resident counts as what its programs want');
  if (figures.oomKills > 0) infer('programs were killed in it; it wanted more then than is recorded');
  if (figures.overFull > 0) infer('it was full at times; it may have wanted more then than is recorded');
  if (isOfMom && figures.withCaches === 0) infer('its page cache is not recorded; it counts as used');
  if (figures.doubted) infer('its figures were doubted when they were recorded');
  if (balloon.targets.length === 0) infer('its balloon got no target; it is taken to follow');
  const swapKib = Math.min(MOST_KIB, swapOf(history, swapShare, infer));
  const points = (hasFigures ? history.demand : history.resident).points();
  return {
    ...{ name, memoryKib, minKib: history.minKib === null ? null : Math.min(history.minKib, memoryKib), swapKib },
    demand: demandOf(points, memoryKib + swapKib),
    idle: 0.3,
    files: filesOf(history, infer),
    balloon: { moves: balloon.moves, rateKib: balloon.rateKib, limitKib: 0, lateS: 0 },
    freePageReporting: history.freePageReporting,
    statistics: statisticsOf(history, isOfMom),
    sharing: sharingOf(history, infer),
    life: lifeOf(history, endS),
    running: runningOf(history),
    node: null,
  };
}

function demandOf(points: readonly Point[], mostKib: number): GuestSpec['demand'] {
  const capped = points.map(({ atS, sizeKib }) => ({ atS, sizeKib: Math.min(sizeKib, mostKib) }));
  const rest = { spread: 0, day: null, repeatS: 0, bursts: null, leakKib: 0 };
  if (capped.length < 2) return { baseKib: capped[0]?.sizeKib ?? 0, points: [], ...rest };
  return { baseKib: 0, points: capped, ...rest };
}

/** What a guest has of swap. @param others share of the memory that guests of the same recording have which use their swap; 0: none does */
function swapOf(
  { swapKib, swapped, memoryKib }: GuestHistory,
  others: number,
  infer: (sentence: string) => void,
): number {
  if (swapKib !== null) return swapKib;
  if (swapped.mostKib > 0) {
    infer('how much it has swapped is reckoned from what it wrote and read; it gets twice the most of that as swap');
    return roundedSwap(2 * swapped.mostKib);
  }
  infer(`its swap is not recorded and was not used; it gets ${others === 0 ? 'none' : 'as large a share as others'}`);
  return roundedSwap(others * memoryKib);
}

/** Rounded up to what somebody would have given it. */
function roundedSwap(kib: number): number {
  return Math.ceil(kib / (256 * MIB)) * 256 * MIB;
}

/** The largest swap of guests whose use of it is recorded, as a share of their memory; 0: none swapped. */
export function largestSwapShare(histories: readonly GuestHistory[]): number {
  const used = histories.filter(({ swapped, swapKib }) => swapKib === null && swapped.mostKib > 0);
  return Math.max(0, ...used.map(({ swapped, memoryKib }) => Math.min(1, (2 * swapped.mostKib) / memoryKib)));
}

const HOT_KIB = 64 * MIB;
const READS_KIB = 2 * MIB;
const MOST_READS_KIB = 1024 * MIB;

/** Growth at the very end of it says little about how much is read. */
const LEAST_MISSING = 0.02;

function filesOf({ files, memoryKib }: GuestHistory, infer: (sentence: string) => void): GuestSpec['files'] {
  const { seen } = files;
  if (seen === null) return { sizeKib: 0, hotKib: 0, readsKib: 0 };
  infer(
    'the size of its files is its largest page cache, and what is hot and read of them is reckoned from faults and growth',
  );
  const hotKib = Math.min(seen.hotKib ?? HOT_KIB, seen.mostKib, memoryKib);
  const sizeKib = Math.min(seen.mostKib, memoryKib);
  return { sizeKib, hotKib, readsKib: readsOf(seen, sizeKib, hotKib) };
}

/** What must be read in a second for the page cache to grow as fast as it did: the model reads most of it from the hot files. */
function readsOf({ growth }: SeenFiles, sizeKib: number, hotKib: number): number {
  if (growth === null) return READS_KIB;
  const { kibPerS, fromKib } = growth;
  const cachedHot = Math.min(fromKib, hotKib);
  const hotMissing = hotKib === 0 ? 0 : 1 - cachedHot / hotKib;
  const coldMissing = sizeKib <= hotKib ? 0 : 1 - (fromKib - cachedHot) / (sizeKib - hotKib);
  const missing = GUEST.hotReads * hotMissing + (1 - GUEST.hotReads) * coldMissing;
  return Math.min(MOST_READS_KIB, Math.round(kibPerS / Math.max(LEAST_MISSING, missing)));
}

function statisticsOf(history: GuestHistory, isOfMom: boolean): GuestSpec['statistics'] {
  const { figures, periods, lowestAgeS } = history;
  const kind = figures.reports === 0 ? 'none' : figures.withCaches === 0 && !isOfMom ? 'windows' : 'linux';
  const period = [...periods].toSorted(([a, n], [b, m]) => m - n || a - b)[0]?.[0] ?? 5;
  const periodS = Math.min(3600, Math.max(1, Math.round(period)));
  // Figures that are never fresh, not even right after they were updated.
  const lateS = Number.isFinite(lowestAgeS) && lowestAgeS > periodS ? Math.floor(lowestAgeS) : 0;
  const untilS = history.isSilent && history.lastReportS !== null ? Math.max(1, history.lastReportS + periodS) : 0;
  return { kind, periodS, lateS: Math.min(3600, lateS), untilS };
}

function sharingOf(
  { mostMergedKib, mostUsedKib, memoryKib }: GuestHistory,
  infer: (sentence: string) => void,
): GuestSpec['sharing'] {
  if (mostMergedKib === 0) {
    infer('KSM has merged nothing of it; it is taken to share nothing');
    return { image: '', share: 0, writes: 0.01 };
  }
  infer('which of its pages are equal to those of others is not recorded; all merged pages count as of one image');
  return {
    image: IMAGE,
    share: Math.min(1, Number((mostMergedKib / Math.max(1, mostUsedKib || memoryKib)).toFixed(3))),
    writes: 0.01,
  };
}

function lifeOf(history: GuestHistory, endS: number): GuestSpec['life'] {
  const { firstS, lastS, startedS, rebootsS, migratedS } = history;
  const startS = Math.min(LATEST_S - 1, isRunning(history) ? firstS : Math.max(0, startedS ?? firstS));
  // A guest that was seen once was there for a moment.
  const endedS = Math.max(lastS, startS + 1);
  const hasEnded = lastS < endS - 60;
  const migrates = migratedS !== null && hasEnded;
  return {
    startS,
    stopS: hasEnded && !migrates ? endedS : 0,
    rebootsS: rebootsS.filter((atS) => atS > startS).slice(0, 1000),
    migrateS: migrates ? Math.max(startS + 1, migratedS) : 0,
    migrationS: migrates ? Math.max(1, lastS - migratedS) : 60,
  };
}

/** A guest that had been running for a while when it was first seen does not boot. */
function isRunning({ startedS, firstS }: GuestHistory): boolean {
  return startedS === null ? firstS === 0 : startedS < firstS - RUNNING_S;
}

function runningOf(history: GuestHistory): GuestSpec['running'] {
  if (!isRunning(history)) return null;
  const { first, memoryKib, files } = history;
  const most = (kib: number): number => Math.max(0, Math.min(memoryKib, Math.round(kib)));
  return {
    sizeKib: most(first.sizeKib),
    cacheKib: most(files.seen?.firstKib ?? 0),
    // What QEMU itself has is no memory of the guest.
    residentKib: most(first.residentKib - GUEST.qemu * PAGE_KIB),
  };
}
