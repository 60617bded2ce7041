import type { Outcome } from '../../src/model/decision.ts';
import { columnsOf, numberAt } from '../../src/model/sample.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { backOff, LONGEST_RETRY } from '../support/back-off.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { eachGuest, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: memory is taken whether the host gets it or not.',
  },
  least: {
    type: 'ratio',
    default: '10%',
    doc: 'When the resident size of the QEMU process falls by less than this share of what its balloon has taken, nothing more is taken. A guest that goes on touching memory hides a part of what it returns.',
  },
  gain: {
    type: 'ratio',
    default: '5%',
    doc: 'The host must be able to get at least this share of the size of a guest: memory that the guest has never touched costs the host nothing, and taking it only makes the guest smaller.',
  },
  worth: {
    type: 'ratio',
    default: '25%',
    doc: 'Of all that a guest could lose, the host must be able to get at least this share, unless it is below its reserve: a guest that has touched little loses much room for the next burst, and the host gains little.',
  },
  retry: {
    type: 'duration',
    default: '10min',
    min: '1s',
    max: '24h',
    doc: 'It is tried again after this time, or when the guest has touched as much memory as was taken; the time doubles with each attempt that fails.',
  },
  longest_retry: LONGEST_RETRY,
} as const;

/** The settings of the guard `returns`. */
export const RETURNS: SettingsGroup<typeof KEYS> = {
  key: 'returns',
  doc: 'Balloons that reach their target while the host gets nothing back.',
  keys: KEYS,
};

/** A smaller change of size shows too little in the resident size, KiB. */
const LEAST_TAKEN_KIB = 65_536;
/** QEMU frees the pages while the balloon inflates: this long after the first shrink of a series, milliseconds. */
const JUDGED_AFTER_MS = 30_000;

export interface ReturnHistory {
  /** A series of shrinks that has not been judged yet: the size before it, the largest resident size since, and when it began; null: none. */
  readonly series: { readonly fromKib: number; readonly rssKib: number; readonly sinceMs: number } | null;
  /** What was taken without coming back; null: nothing. */
  readonly kept: { readonly takenKib: number; readonly rssKib: number; readonly retryMs: number } | null;
  /** Attempts in a row that returned nothing. */
  readonly failures: number;
}

const NO_OUTCOMES: readonly Outcome[] = [];
const columnsIn = columnsOf(['balloon_cur', 'balloon_rss']);
const NOTHING: ReturnHistory = { series: null, kept: null, failures: 0 };

/** Which balloons return nothing to the host. */
export const returnHistory = defineRecollection<PerGuest<ReturnHistory>, typeof KEYS>({
  name: 'returns',
  initial: NO_MEMORIES,
  settings: RETURNS,

  next(before, seen, settings) {
    const { input, outcomes, steadyMs } = seen;
    const written = balloonOutcomes(outcomes);
    return eachGuest(before, seen, ({ uuid, samples }, known) => {
      const own = written.get(uuid) ?? NO_OUTCOMES;
      if (known === null && own.length === 0) return null;
      const columns = columnsIn(input.guestLayout);
      const sizeKib = numberAt(samples.at(-1), columns.balloon_cur);
      const rssKib = numberAt(samples.at(-1), columns.balloon_rss);
      if (sizeKib === null || rssKib === null) return null;
      let history = known ?? NOTHING;
      for (const outcome of own)
        history = afterWrite(history, outcome, numberAt(samples.at(-2), columns.balloon_rss) ?? rssKib, steadyMs);
      return judged(withTouched(history, rssKib), sizeKib, rssKib, steadyMs, settings);
    });
  },
});

function afterWrite(
  history: ReturnHistory,
  { action: { from, to } }: Outcome,
  rssKib: number,
  steadyMs: number,
): ReturnHistory {
  if (typeof from !== 'number' || typeof to !== 'number') return history;
  if (to >= from) return { ...history, series: null };
  return { ...history, series: history.series ?? { fromKib: from, rssKib, sinceMs: steadyMs } };
}

/** What the guest has touched since the series began hides what it returns. */
function withTouched(history: ReturnHistory, rssKib: number): ReturnHistory {
  const { series } = history;
  return series === null || rssKib <= series.rssKib ? history : { ...history, series: { ...series, rssKib } };
}

function judged(
  history: ReturnHistory,
  sizeKib: number,
  rssKib: number,
  steadyMs: number,
  settings: { readonly least: number; readonly retry: number; readonly longest_retry: number },
): ReturnHistory {
  const { series, kept } = history;
  // A guest that has touched more memory since has something to return again.
  if (kept !== null && rssKib >= kept.rssKib + kept.takenKib) return { ...NOTHING, series };
  if (series === null || steadyMs - series.sinceMs < JUDGED_AFTER_MS) return history;
  // The guest has first given what it had never touched, or what the host had swapped out: nothing of that comes back.
  const takenKib = Math.min(series.fromKib, series.rssKib) - sizeKib;
  if (takenKib < LEAST_TAKEN_KIB) return history;
  if (series.rssKib - rssKib >= takenKib * settings.least) return NOTHING;
  const failures = history.failures + 1;
  return { series: null, kept: { takenKib, rssKib, retryMs: steadyMs + backOff(failures, settings) }, failures };
}
