import { defineRecollection } from '../../src/plugin/recollection.ts';
import type { SettingsGroup } from '../../src/plugin/settings.ts';
import { numberOf } from '../../src/model/sample.ts';
import { backOff, LONGEST_RETRY } from '../support/back-off.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { REACHED_KIB } from './balloons.ts';
import { eachGuest, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';
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
  longest_retry: LONGEST_RETRY,
} as const;

/** The settings of the guard `stuck`. */
export const STUCK: SettingsGroup<typeof KEYS> = {
  key: 'stuck',
  doc: 'Balloons that do not follow their target.',
  keys: KEYS,
};

type Settings = { readonly deadline: number; readonly retry: number; readonly longest_retry: number };

export interface StuckHistory {
  /** The target that it is on its way to, the size at which it was last seen to move, and when; null: none. */
  readonly pending: { readonly kib: number; readonly movedKib: number; readonly movedMs: number } | null;
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
}

/** Which balloons do not follow. */
export const stuckHistory = defineRecollection<PerGuest<StuckHistory>, typeof KEYS>({
  name: 'stuck',
  initial: NO_MEMORIES,
  settings: STUCK,

  next(before, seen, settings) {
    const { input, outcomes, steadyMs } = seen;
    const written = balloonOutcomes(outcomes);
    return eachGuest(before, seen, (view, known) => {
      const own = written.get(view.uuid) ?? NO_OUTCOMES;
      if (known === null && own.length === 0) return null;
      const sizeKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (sizeKib === null) return null;
      let history = known ?? FOLLOWING;
      for (const outcome of own) history = afterWrite(history, outcome, steadyMs);
      return judged(history, sizeKib, steadyMs, settings);
    });
  },
});

const NO_OUTCOMES: readonly Outcome[] = [];
const FOLLOWING: StuckHistory = { pending: null, failures: 0, stuck: null };

function afterWrite(history: StuckHistory, { action, status }: Outcome, steadyMs: number): StuckHistory {
  const { from, to } = action;
  if (status !== 'done' || typeof to !== 'number' || typeof from !== 'number') return history;
  // Giving a stuck balloon the target that it has anyway: nothing to wait for.
  if (Math.abs(to - from) <= REACHED_KIB)
    return { ...history, pending: null, stuck: history.stuck && { ...history.stuck, retargeted: true } };
  const { pending } = history;
  // A new target in the same direction does not give a balloon that is stuck more time.
  if (pending !== null && Math.sign(pending.kib - pending.movedKib) === Math.sign(to - from))
    return { ...history, pending: { ...pending, kib: to } };
  return { ...history, pending: { kib: to, movedKib: from, movedMs: steadyMs } };
}

function judged(history: StuckHistory, sizeKib: number, steadyMs: number, settings: Settings): StuckHistory {
  const { pending } = history;
  if (pending === null) return history;
  const missingKib = Math.abs(pending.kib - sizeKib);
  if (missingKib <= REACHED_KIB) return FOLLOWING;
  if (Math.abs(pending.kib - pending.movedKib) - missingKib >= REACHED_KIB)
    return { ...FOLLOWING, pending: { ...pending, movedKib: sizeKib, movedMs: steadyMs } };
  if (steadyMs - pending.movedMs < settings.deadline) return history;
  const failures = history.failures + 1;
  const stuck = {
    kib: pending.kib,
    keptKib: sizeKib,
    sinceMs: history.stuck?.sinceMs ?? pending.movedMs,
    retryMs: steadyMs + backOff(failures, settings),
    retargeted: false,
  };
  return { failures, stuck, pending: null };
}
