import type { Condition } from '../src/model/condition.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { durationText } from '../src/model/duration-text.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineGuard, type Relief, type Ruling } from '../src/plugin/guard.ts';
import { STUCK, stuckHistory } from './memory/stuck.ts';
import { balloonRequests, BALLOON_TARGET } from './support/balloon-requests.ts';
import { hold, sizeText } from './support/rulings.ts';
import { memoryOf } from './support/per-guest.ts';

/** Balloons that do not follow are not asked in vain. */
export const stuck = defineGuard({
  name: 'stuck',
  doc: 'Leaves balloons alone that do not follow their target, and tries them again after longer and longer times',
  settings: STUCK,
  recalls: [stuckHistory],

  /** Gives a stuck balloon the size that it has as its target: it must not follow at a time when nobody reckons with it. */
  relieve(_requests, input, { enabled }, state): readonly Relief[] {
    if (!enabled) return [];
    const history = state.recall(stuckHistory);
    const relief: Relief[] = [];
    for (const { name, uuid, samples } of input.guests) {
      const found = memoryOf(history, uuid)?.stuck ?? null;
      if (found === null || found.retargeted) continue;
      const curKib = numberOf(input.guestLayout, samples, 'balloon_cur');
      if (curKib === null) continue;
      const reason = `its balloon is stuck: it has not come nearer to ${found.kib} for ${durationText(state.steadyMs - found.sinceMs)}`;
      relief.push({ name: BALLOON_TARGET, guest: { name, uuid }, value: curKib, reason });
    }
    return relief;
  },

  beforePlan(requests, input, { enabled }, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!enabled) return rulings;
    const history = state.recall(stuckHistory);
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const found = memoryOf(history, view.uuid)?.stuck ?? null;
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (found === null || curKib === null || wantedKib === curKib || state.steadyMs >= found.retryMs) continue;
      // A guest that could not give may still take what it lacks.
      if (wantedKib > curKib && found.kib < found.keptKib) continue;
      const waits = durationText(found.retryMs - state.steadyMs);
      const why = `its balloon is stuck at ${sizeText(curKib)}: it did not follow to ${sizeText(found.kib)}; it is tried again in ${waits}`;
      rulings.set(request, hold(why));
    }
    return rulings;
  },

  verdicts: {
    balloon_stuck: (uuid, state) => (memoryOf(state.recall(stuckHistory), uuid)?.stuck ?? null) !== null,
  },

  conditions(input, { enabled }, state) {
    if (!enabled) return [];
    const history = state.recall(stuckHistory);
    const all: Condition[] = [];
    for (const { name, uuid } of input.guests) {
      const found = memoryOf(history, uuid)?.stuck ?? null;
      if (found === null) continue;
      const text = `its balloon is stuck at ${sizeText(found.keptKib)}: it does not follow to ${sizeText(found.kib)}. It counts as what it has, and is tried again after longer and longer times; look at the balloon driver in the guest`;
      all.push({ guest: { name, uuid }, text, over: 'its balloon follows again' });
    }
    return all;
  },
});
