import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { numberOf } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import type { Layout } from '../../src/model/field.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { eachGuest, type PerGuest } from '../support/per-guest.ts';
import type { Outcome } from '../../src/model/decision.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: a balloon that does not follow is asked again in every interval.',
  },
  deadline: {
    type: 'duration',
    default: '1min',
    min: '1s',
    max: '24h',
    doc: 'A balloon that has not come nearer to its target for this long is stuck. Guests that have to write memory to disk first move slowly, but they move.',
  },
  retry: {
    type: 'duration',
    default: '5min',
    min: '1s',
    max: '24h',
    doc: 'A stuck balloon is tried again after this time; the time doubles with each attempt that fails.',
  },
  longest_retry: {
    type: 'duration',
    default: '4h',
    min: '1s',
    max: '8760h',
    doc: 'The longest time between two attempts.',
  },
  least_return: {
    type: 'ratio',
    default: '10%',
    doc: 'When the resident size of the QEMU process falls by less than this share of what a balloon has taken, the memory does not come back to the host, and no more is taken. `0%`: not checked.',
  },
} as const;

/** The settings of the guard `stuck`. */
export const STUCK: SettingsGroup<typeof KEYS> = {
  key: 'stuck',
  doc: 'Balloons that do not follow their target, or that return nothing to the host.',
  keys: KEYS,
};

type Settings = {
  readonly deadline: number;
  readonly retry: number;
  readonly longest_retry: number;
  readonly least_return: number;
};

/** A smaller change of size shows too little in the resident size, KiB. */
const LEAST_TAKEN_KIB = 65_536;
/** The balloon's pages are freed while it inflates: this long after it has reached its target, they are gone. */
const RETURN_AFTER_MS = 30_000;
const REACHED_KIB = 1024;

export interface StuckHistory {
  /** The last target that has not been judged yet; null: none. */
  readonly pending: {
    readonly kib: number;
    readonly fromKib: number;
    readonly rssKib: number | null;
    readonly movedKib: number;
    readonly movedMs: number;
    readonly reachedMs: number | null;
  } | null;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** The target that it did not reach, the size that it kept, since when; null: it is not stuck. */
  readonly stuck: {
    readonly kib: number;
    readonly keptKib: number;
    readonly sinceMs: number;
    readonly retryMs: number;
    /** It was given the size that it has as its target. */
    readonly retargeted: boolean;
  } | null;
  /** What was taken without coming back, since when; null: nothing. */
  readonly unreturned: { readonly takenKib: number; readonly rssKib: number; readonly retryMs: number } | null;
  readonly barren: number;
}

/** Which balloons do not follow, or return nothing. */
export const stuckHistory = defineRecollection<PerGuest<StuckHistory>, typeof KEYS>({
  name: 'stuck',
  initial: new Map(),
  settings: STUCK,

  next(before, seen, settings) {
    const { input, outcomes, steadyMs } = seen;
    const written = balloonOutcomes(outcomes);
    return eachGuest(before, seen, (view, known) => {
      const own = written.get(view.uuid) ?? [];
      if (known === null && own.length === 0) return null;
      let history = known ?? FIRST;
      for (const outcome of own) history = afterWrite(history, outcome, view, input.guestLayout, steadyMs);
      return judged(history, view, input.guestLayout, steadyMs, settings);
    });
  },
});

const FIRST: StuckHistory = { pending: null, failures: 0, stuck: null, unreturned: null, barren: 0 };

function afterWrite(
  history: StuckHistory,
  { action, status }: Outcome,
  { samples }: GuestView,
  layout: Layout,
  steadyMs: number,
): StuckHistory {
  const { from, to } = action;
  if (status !== 'done' || typeof to !== 'number' || typeof from !== 'number') return history;
  // Giving a stuck balloon the target that it has anyway: nothing to wait for.
  if (Math.abs(to - from) <= REACHED_KIB)
    return { ...history, pending: null, stuck: history.stuck && { ...history.stuck, retargeted: true } };
  const { pending } = history;
  const isOnItsWay =
    pending !== null &&
    pending.reachedMs === null &&
    Math.sign(pending.kib - pending.movedKib) === Math.sign(to - from);
  const rssKib = numberOf(layout, samples, 'balloon_rss', 1) ?? numberOf(layout, samples, 'balloon_rss');
  return {
    ...history,
    // A new target in the same direction does not give a balloon that is stuck more time.
    pending: isOnItsWay
      ? { ...pending, kib: to }
      : { kib: to, fromKib: from, rssKib, movedKib: from, movedMs: steadyMs, reachedMs: null },
  };
}

function judged(
  history: StuckHistory,
  { samples }: GuestView,
  layout: Layout,
  steadyMs: number,
  settings: Settings,
): StuckHistory {
  const { pending } = history;
  const sizeKib = numberOf(layout, samples, 'balloon_cur');
  const rssKib = numberOf(layout, samples, 'balloon_rss');
  if (sizeKib === null) return history;
  const lifted = withReturned(history, rssKib);
  if (pending === null) return lifted;
  if (pending.reachedMs !== null) return afterReturn(lifted, pending, pending.reachedMs, rssKib, steadyMs, settings);
  if (Math.abs(pending.kib - sizeKib) <= REACHED_KIB)
    return {
      ...lifted,
      failures: 0,
      stuck: null,
      pending: { ...pending, movedKib: sizeKib, movedMs: steadyMs, reachedMs: steadyMs },
    };
  const gainedKib = Math.abs(pending.kib - pending.movedKib) - Math.abs(pending.kib - sizeKib);
  if (gainedKib >= REACHED_KIB)
    return { ...lifted, failures: 0, stuck: null, pending: { ...pending, movedKib: sizeKib, movedMs: steadyMs } };
  if (steadyMs - pending.movedMs < settings.deadline) return lifted;
  const failures = history.failures + 1;
  const stuck = {
    kib: pending.kib,
    keptKib: sizeKib,
    sinceMs: history.stuck?.sinceMs ?? pending.movedMs,
    retryMs: steadyMs + backOff(failures, settings),
    retargeted: false,
  };
  return { ...lifted, failures, stuck, pending: null };
}

/** Whether the host got back what a balloon took that has reached its target. */
function afterReturn(
  history: StuckHistory,
  pending: NonNullable<StuckHistory['pending']>,
  reachedMs: number,
  rssKib: number | null,
  steadyMs: number,
  settings: Settings,
): StuckHistory {
  if (steadyMs - reachedMs < RETURN_AFTER_MS) return history;
  const takenKib = pending.fromKib - pending.kib;
  const isJudged =
    settings.least_return > 0 && takenKib >= LEAST_TAKEN_KIB && pending.rssKib !== null && rssKib !== null;
  if (!isJudged) return { ...history, pending: null };
  if (pending.rssKib - rssKib >= takenKib * settings.least_return) return { ...history, pending: null, barren: 0 };
  const barren = history.barren + 1;
  return {
    ...history,
    pending: null,
    barren,
    unreturned: { takenKib, rssKib, retryMs: steadyMs + backOff(barren, settings) },
  };
}

/** A guest that has touched more memory since has something to return again. */
function withReturned(history: StuckHistory, rssKib: number | null): StuckHistory {
  const { unreturned } = history;
  if (unreturned === null || rssKib === null || rssKib < unreturned.rssKib + unreturned.takenKib) return history;
  return { ...history, unreturned: null, barren: 0 };
}

function backOff(failures: number, { retry, longest_retry }: Settings): number {
  return Math.min(longest_retry, retry * 2 ** Math.min(30, failures - 1));
}
