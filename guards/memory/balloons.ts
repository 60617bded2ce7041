import type { Outcome } from '../../src/model/decision.ts';
import type { Layout, Sample } from '../../src/model/field.ts';
import { columnsOf, numberAt } from '../../src/model/sample.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import { balloonOutcomes } from '../support/balloon-requests.ts';
import { eachGuest, NO_MEMORIES, type PerGuest } from '../support/per-guest.ts';

/** A balloon this near its target has reached it, KiB: drivers move whole chunks of pages. */
export const REACHED_KIB = 1024;

/** A target that Ballast has written. */
export interface WrittenTarget {
  readonly kib: number;
  /** false: libvirt has not confirmed it. The guest may never have been asked. */
  readonly isSure: boolean;
  /** The size of the guest when it was written. */
  readonly fromKib: number;
  /** The size at which it was last seen to have moved towards the target, and when. */
  readonly movedKib: number;
  readonly movedMs: number;
  /** null: it is still on its way. */
  readonly reachedMs: number | null;
}

/** What is known of one run of a guest. Times are the guards' steady time. */
export interface BalloonHistory {
  /** When the guest was first seen. */
  readonly sinceMs: number;
  /** It was there already when the guards started: it may have booted long ago. */
  readonly adopted: boolean;
  readonly sizeKib: number;
  /** The last target; null: Ballast has not moved it. */
  readonly target: WrittenTarget | null;
  readonly shrunkMs: number | null;
  readonly grownMs: number | null;
  /** Growth that Ballast has granted and the guest has not touched yet: the host must still be able to back it. */
  readonly promisedKib: number;
}

/** Guests that are found within this time of the guards' start ran already, milliseconds. */
const ADOPTED_MS = 10_000;

/** A target that was not confirmed and towards which the balloon has not moved for this long is given up: libvirt's own lock waits 30 s. */
const UNSURE_FOR_MS = 30_000;

/** What Ballast has done to each balloon, and what the balloon made of it. */
export const balloonHistory = defineRecollection<PerGuest<BalloonHistory>, Record<string, never>>({
  name: 'balloons',
  initial: NO_MEMORIES,

  next(before, seen) {
    const { input, outcomes, steadyMs } = seen;
    const written = balloonOutcomes(outcomes);
    return eachGuest(before, seen, ({ uuid, samples }, known) => {
      const sample = samples.at(-1);
      const sizeKib = numberAt(sample, columns(input.guestLayout).balloon_cur);
      if (sample === undefined || sizeKib === null) return null;
      let history = known ?? first(sizeKib, steadyMs);
      for (const outcome of written.get(uuid) ?? []) history = afterWrite(history, outcome, steadyMs);
      if (history.sizeKib !== sizeKib) history = { ...history, sizeKib };
      return afterMove(withoutLost(history, steadyMs), sample, input.guestLayout, steadyMs);
    });
  },
});

function first(sizeKib: number, steadyMs: number): BalloonHistory {
  const adopted = steadyMs <= ADOPTED_MS;
  return { sinceMs: steadyMs, adopted, sizeKib, target: null, shrunkMs: null, grownMs: null, promisedKib: 0 };
}

/** The size that the guest has or was promised, KiB. */
export function committedKib(history: BalloonHistory | null, curKib: number): number {
  const target = history?.target ?? null;
  return target === null || target.reachedMs !== null ? curKib : Math.max(curKib, target.kib);
}

function afterWrite(history: BalloonHistory, { action, status }: Outcome, steadyMs: number): BalloonHistory {
  const { to } = action;
  if (typeof to !== 'number') return history;
  const fromKib = typeof action.from === 'number' ? action.from : history.sizeKib;
  const grantedKib = to - committedKib(history, fromKib);
  const target = {
    kib: to,
    isSure: status === 'done',
    fromKib,
    movedKib: fromKib,
    movedMs: steadyMs,
    reachedMs: null,
  };
  return {
    ...history,
    target,
    shrunkMs: to < fromKib ? steadyMs : history.shrunkMs,
    grownMs: to > fromKib ? steadyMs : history.grownMs,
    promisedKib: Math.max(0, history.promisedKib + grantedKib),
  };
}

/** A write that was lost must neither keep the guest waiting for it nor the host from handing out what it would have given. */
function withoutLost(history: BalloonHistory, steadyMs: number): BalloonHistory {
  const { target } = history;
  const isLost =
    target !== null && !target.isSure && target.reachedMs === null && steadyMs - target.movedMs >= UNSURE_FOR_MS;
  return isLost ? { ...history, target: null } : history;
}

const columns = columnsOf(['balloon_cur', 'balloon_rss', 'mem_available', 'mem_unused']);

function afterMove(history: BalloonHistory, sample: Sample, layout: Layout, steadyMs: number): BalloonHistory {
  const { sizeKib, target } = history;
  const at = columns(layout);
  const usedKib = (numberAt(sample, at.mem_available) ?? 0) - (numberAt(sample, at.mem_unused) ?? 0);
  const touchedKib = numberAt(sample, at.balloon_rss) ?? Math.max(0, usedKib);
  const untouchedKib = Math.max(0, committedKib(history, sizeKib) - touchedKib);
  // What was touched since the last snapshot may be missing in the figures of the host, which were read before those of the guest.
  const isFresh = history.grownMs === steadyMs;
  const promisedKib = isFresh ? history.promisedKib : Math.min(history.promisedKib, untouchedKib);
  if (target === null || target.reachedMs !== null)
    return promisedKib === history.promisedKib ? history : { ...history, promisedKib };
  const missingKib = Math.abs(target.kib - sizeKib);
  const gainedKib = Math.abs(target.kib - target.movedKib) - missingKib;
  const moved = gainedKib >= REACHED_KIB ? { movedKib: sizeKib, movedMs: steadyMs } : {};
  const reached = missingKib <= REACHED_KIB ? { reachedMs: steadyMs, movedKib: sizeKib, movedMs: steadyMs } : {};
  return { ...history, promisedKib, target: { ...target, ...moved, ...reached } };
}
