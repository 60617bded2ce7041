import type { Layout } from '../../src/model/field.ts';
import { fieldOf } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { canGrow, figuresIn, type Figures } from '../support/figures.ts';
import { eachGuest, GONE_AFTER_MS, memoryOf, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';
import { sizeWithRoom } from '../support/room.ts';
import { fairShares } from '../support/shares.ts';
import { sizeText } from '../support/rulings.ts';
import { countersOf, signOf, type Counters, type SignText } from './pain-signs.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: guests in pain get no relief and are shrunk like others.',
  },
  swap_in: {
    type: 'size',
    default: '256KiB',
    min: '1KiB',
    max: '1TiB',
    doc: 'A guest that reads more than this per second from its swap space is in pain: it needs what was taken from it. A guest that starts an old program reads a little too.',
  },
  major_faults: {
    type: 'integer',
    default: 500,
    min: 1,
    max: 1_000_000_000,
    doc: 'More major page faults per second than this are a storm: the guest reads back again and again what it had to drop. Below it, programs are loading.',
  },
  alloc_stalls: {
    type: 'integer',
    default: 10,
    min: 1,
    max: 1_000_000_000,
    doc: 'More allocations per second than this that stalled on reclaim are pain. A guest with a full page cache has a few without being slow.',
  },
  low: {
    type: 'ratio',
    default: '5%',
    doc: 'A guest that can use less than this share of its size at once is about to be in pain: it gets relief too, before it swaps. One that grows so steadily that it will be there before the next interval gets what the host can spare.',
  },
  room: {
    type: 'ratio',
    default: '25%',
    doc: 'Relief makes the guest so large that it can use this share of it at once: enough for the next interval of most bursts. At most 90%.',
  },
  plenty: {
    type: 'ratio',
    default: '15%',
    doc: 'When the host keeps this share of its memory free even so, guests in pain get all of their balloon back in one step.',
  },
  lasting: {
    type: 'duration',
    default: '5min',
    min: '0s',
    max: '24h',
    doc: 'A guest is not shrunk for this long after its last sign of pain: it swaps in pieces, with pauses.',
  },
  remembered: {
    type: 'duration',
    default: '1h',
    min: '0s',
    max: '8760h',
    doc: 'For this long, a guest is not shrunk below the size at which it was in pain plus a tenth, so that pain and relief do not take turns. It gives that up after `lasting` while the host has too little for guests in pain.',
  },
} as const;

/** The settings of the guard `pain`. */
export const PAIN: SettingsGroup<typeof KEYS> = {
  key: 'pain',
  doc: 'Guests that lack memory get it first, and are not shrunk.',
  keys: KEYS,
};

/** A guest lacks memory. */
export interface Want {
  /** The size that it needs, and the part of that up to its fair share. */
  readonly kib: number;
  readonly fairKib: number;
  /** It was seen to suffer; false: it has so little left that it is about to. */
  readonly hasSign: boolean;
}

/** What is known about the pain of one run of a guest. Times are the guards' steady time. */
export interface PainHistory {
  readonly counters: Counters;
  /** The last sign of pain in words and when it was seen; null: none so far. */
  readonly sign: { readonly text: string; readonly atMs: number } | null;
  /** The largest size at which it was in pain, for as long as that is remembered; 0: none. */
  readonly neededKib: number;
  readonly neededMs: number;
  /** null: it has room enough. */
  readonly want: Want | null;
  /** For how long it has wanted more than its fair share, less a fifth of the time in which it did not; at most {@link CLAIMS_FOR_MS}. */
  readonly claimedMs: number;
  /** Its size when its OOM killer last ended a process, and when that was seen; 0: not since it runs. */
  readonly killedKib: number;
  readonly killedMs: number;
  /** How fast the memory that it uses grew between its last two reports, KiB per second. */
  readonly riseKibPerS: number;
  /** The smaller one of the last two rises: what a guest takes once is no growth. */
  readonly growthKibPerS: number;
  /** The guest's size in the last snapshot, and the last one in which Ballast had written a larger target; null: none. */
  readonly sizeKib: number;
  readonly grownMs: number | null;
}

/** Signs of pain in the guests' reports. */
export const painHistory = defineRecollection<PerGuest<PainHistory>, typeof KEYS>({
  name: 'pain',
  initial: NO_MEMORIES,
  settings: PAIN,

  next(before, seen, settings) {
    const { input, outcomes, steadyMs } = seen;
    const { guestLayout, timeMs } = input;
    const written = balloonOutcomes(outcomes);
    const all = figuresIn(input);
    return eachGuest(before, seen, (view, known, at) => {
      const figures = all[at] ?? null;
      const claimedMs = claimedAfter(before, view.uuid, known, steadyMs);
      // A guest whose sizes contradict each other gets nothing, so it is not waited for either.
      if (figures === null) return known === null ? null : { ...known, want: null, claimedMs };
      const { curKib, reportS } = figures;
      const isSameReport = known !== null && known.counters.reportS === (reportS ?? timeMs / 1000);
      const counters = isSameReport ? known.counters : countersOf(view, guestLayout, figures, timeMs / 1000);
      const isGrown = written.get(view.uuid)?.some(({ action: { from, to } }) => Number(to) > Number(from)) === true;
      let history = known ?? first(counters, curKib);
      if (isGrown) history = { ...history, grownMs: steadyMs };
      const sign =
        signOf(history.counters, counters, settings) ?? deflated(view, guestLayout, history, figures, steadyMs);
      const reported = afterReport(history, counters, curKib);
      const after = sign === null ? reported : inPain(reported, sign, figures, steadyMs, settings.remembered);
      const need = canGrow(view, guestLayout) ? needOf(after, figures, settings, steadyMs) : null;
      const want = need && { ...need, fairKib: Math.min(need.kib, fairShares(input)?.(view.uuid) ?? curKib) };
      return want === after.want && claimedMs === after.claimedMs ? after : { ...after, want, claimedMs };
    });
  },
});

function first(counters: Counters, sizeKib: number): PainHistory {
  return {
    ...{ counters, sign: null, neededKib: 0, neededMs: 0, want: null, claimedMs: 0, killedKib: 0, killedMs: 0 },
    ...{ riseKibPerS: 0, growthKibPerS: 0, sizeKib, grownMs: null },
  };
}

function afterReport(known: PainHistory, counters: Counters, sizeKib: number): PainHistory {
  const seconds = counters.reportS - known.counters.reportS;
  // The same report again.
  if (seconds === 0) return known.sizeKib === sizeKib ? known : { ...known, sizeKib };
  const [before, now] = [known.counters.usedKib, counters.usedKib];
  const riseKibPerS = seconds < 0 || before === null || now === null ? 0 : Math.max(0, (now - before) / seconds);
  const growthKibPerS = Math.min(known.riseKibPerS, riseKibPerS);
  const { sign, neededKib, neededMs, want, claimedMs, killedKib, killedMs, grownMs } = known;
  // No object spread: this runs for each report of each guest.
  // prettier-ignore
  return { counters, sign, neededKib, neededMs, want, claimedMs, killedKib, killedMs, riseKibPerS, growthKibPerS, sizeKib, grownMs };
}

function inPain(
  known: PainHistory,
  { text, isKill }: SignText,
  { curKib }: Figures,
  steadyMs: number,
  rememberedMs: number,
): PainHistory {
  const isForgotten = steadyMs - known.neededMs > rememberedMs;
  const neededKib = Math.max(isForgotten ? 0 : known.neededKib, curKib);
  const killed = isKill ? { killedKib: curKib, killedMs: steadyMs } : {};
  return { ...known, sign: { text, atMs: steadyMs }, neededKib, neededMs: steadyMs, ...killed };
}

/** Relief answers a sign this recent, milliseconds: afterwards the guest may have what it needs. */
const FRESH_MS = 30_000;
/** A program that the OOM killer ended is started again, and grows again, within this time, milliseconds. */
const KILL_LASTS_MS = 120_000;
/** Relief makes a guest in pain larger by at least this share of its size: what it has swapped out is not in its figures. */
const LEAST_RELIEF = 0.25;
/** A guest's need grows on until the next relief, as fast as it did; seconds. */
const AHEAD_S = 20;

/** A guest's wish for more than its fair share is taken for a need this long, milliseconds: bursts end, and lies do not. */
export const CLAIMS_FOR_MS = 600_000;
/** A time without such a wish makes up for this part of itself with one: ten minutes in each hour. */
const CLAIMS_RETURN = 0.2;

/**
 * A guest answers for what it said last for as long as that counts, also when it vanished after it; and for what it said before it was
 * started again.
 */
function claimedAfter(
  before: PerGuest<PainHistory>,
  uuid: string,
  known: PainHistory | null,
  steadyMs: number,
): number {
  const last = known ?? memoryOf(before, uuid);
  if (last === null) return 0;
  const { want, claimedMs } = last;
  const leftMs = before.absent.size === 0 ? null : (before.absent.get(uuid)?.seenMs ?? null);
  const passedMs = steadyMs - (leftMs ?? before.seenMs);
  if (want === null || want.kib <= want.fairKib) return Math.max(0, claimedMs - CLAIMS_RETURN * passedMs);
  return Math.min(CLAIMS_FOR_MS, claimedMs + (leftMs === null ? passedMs : Math.min(GONE_AFTER_MS, passedMs)));
}

/** What a guest lacks now; null: nothing, or it cannot be told. */
function needOf(
  { sign, killedKib, killedMs, riseKibPerS }: PainHistory,
  { curKib, maxKib, usableKib, usedKib }: Figures,
  { room, low }: { readonly room: number; readonly low: number },
  steadyMs: number,
): Omit<Want, 'fairKib'> | null {
  if (usableKib === null || usedKib === null || curKib >= maxKib) return null;
  const isKilled = killedKib > 0 && steadyMs - killedMs <= KILL_LASTS_MS;
  const hurts = sign !== null && steadyMs - sign.atMs <= FRESH_MS && usableKib < room * curKib;
  const isLow = usableKib < low * curKib;
  if (!isKilled && !hurts && !isLow) return null;
  const needsKib = Math.max(
    hurts || isLow ? roomyKib(usedKib, riseKibPerS, room) : 0,
    hurts ? curKib * (1 + LEAST_RELIEF) : 0,
    isKilled ? killedKib * (1 + LEAST_RELIEF) : 0,
  );
  return needsKib <= curKib ? null : { kib: Math.min(maxKib, Math.ceil(needsKib)), hasSign: hurts || isKilled };
}

/** The size at which a guest has room for what it uses now and until the next relief, KiB. */
export function roomyKib(usedKib: number, riseKibPerS: number, room: number): number {
  return sizeWithRoom(usedKib + riseKibPerS * AHEAD_S, room);
}

/** Growth of a guest this long after Ballast grew it may still be that growth, milliseconds. */
const GROWS_FOR_MS = 60_000;
const DEFLATED_KIB = 1024;

/** A guest with autodeflate that has taken memory back from its balloon would have run out of it otherwise. */
function deflated(
  { samples }: GuestView,
  layout: Layout,
  { sizeKib, grownMs }: PainHistory,
  { curKib }: Figures,
  steadyMs: number,
): SignText | null {
  const isGrowing = grownMs !== null && steadyMs - grownMs < GROWS_FOR_MS;
  if (fieldOf(layout, samples, 'autodeflate') !== true || isGrowing || curKib < sizeKib + DEFLATED_KIB) return null;
  return { text: `it took ${sizeText(curKib - sizeKib)} back from its balloon (autodeflate)`, isKill: false };
}

/** Whether the guest is in pain, or was a short while ago. */
export function isInPain(history: PainHistory | null, steadyMs: number, lastingMs: number): boolean {
  const sign = history?.sign ?? null;
  return sign !== null && steadyMs - sign.atMs <= lastingMs;
}

/** A guest that was in pain keeps this much more than it had then. */
const KEPT_ABOVE = 1.1;

/** The size that a guest keeps because it was in pain with less, KiB; 0: none. */
export function rememberedKib(
  history: PainHistory | null,
  steadyMs: number,
  { remembered }: { readonly remembered: number },
): number {
  if (history === null || history.sign === null || steadyMs - history.neededMs > remembered) return 0;
  return Math.ceil(history.neededKib * KEPT_ABOVE);
}
