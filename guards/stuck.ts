import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineGuard, type Relief, type Ruling } from '../src/plugin/guard.ts';
import { STUCK, stuckHistory } from './memory/stuck.ts';
import { balloonRequests, BALLOON_TARGET } from './support/balloon-requests.ts';
import { hold, sizeText, timeText } from './support/rulings.ts';
import { memoryOf } from './support/per-guest.ts';

/** Balloons that do not follow, or whose memory does not come back: they are not asked in vain. */
export const stuck = defineGuard({
  name: 'stuck',
  doc: 'Leaves balloons alone that do not follow their target, tries them again after longer and longer times, and takes nothing from guests whose memory does not come back',
  settings: STUCK,
  recalls: [stuckHistory],

  /** Gives a stuck balloon the size that it has as its target: it must not follow at a time when nobody reckons with it. */
  relieve(_requests, input, { enabled }, state): readonly Relief[] {
    if (!enabled) return [];
    const history = state.recall(stuckHistory);
    return input.guests.flatMap(({ name, uuid, samples }): readonly Relief[] => {
      const found = memoryOf(history, uuid)?.stuck ?? null;
      const curKib = numberOf(input.guestLayout, samples, 'balloon_cur');
      if (found === null || found.retargeted || curKib === null) return [];
      const reason = `its balloon is stuck: it has not come nearer to ${found.kib} for ${timeText(state.steadyMs - found.sinceMs)}`;
      return [{ name: BALLOON_TARGET, guest: { name, uuid }, value: curKib, reason }];
    });
  },

  beforePlan(requests, input, { enabled }, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!enabled) return rulings;
    const history = state.recall(stuckHistory);
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const known = memoryOf(history, view.uuid);
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (known === null || curKib === null || wantedKib === curKib) continue;
      const { stuck: found, unreturned } = known;
      const waits = (retryMs: number): string => `it is tried again in ${timeText(retryMs - state.steadyMs)}`;
      if (found !== null && state.steadyMs < found.retryMs)
        rulings.set(
          request,
          hold(
            `its balloon is stuck at ${sizeText(curKib)}: it did not follow to ${sizeText(found.kib)}; ${waits(found.retryMs)}`,
          ),
        );
      else if (unreturned !== null && wantedKib < curKib && state.steadyMs < unreturned.retryMs)
        rulings.set(
          request,
          hold(
            `balloon reached, memory not returned: ${sizeText(unreturned.takenKib)} were taken and its QEMU process kept them; ${waits(unreturned.retryMs)}`,
          ),
        );
    }
    return rulings;
  },

  conditions(input, { enabled }, state) {
    if (!enabled) return [];
    const history = state.recall(stuckHistory);
    return input.guests.flatMap(({ name, uuid }) => {
      const { stuck: found = null, unreturned = null } = memoryOf(history, uuid) ?? {};
      const guest = { name, uuid };
      return [
        ...(found === null
          ? []
          : [
              {
                guest,
                text: `its balloon is stuck at ${sizeText(found.keptKib)}: it does not follow to ${sizeText(found.kib)}. It counts as what it has, and is tried again after longer and longer times`,
                over: 'its balloon follows again',
              },
            ]),
        ...(unreturned === null
          ? []
          : [
              {
                guest,
                text: `balloon reached, memory not returned: ${sizeText(unreturned.takenKib)} were taken, and its QEMU process is as large as before (untouched or already returned memory, VFIO, huge pages, locked memory). No more is taken`,
                over: 'its balloon returns memory again',
              },
            ]),
      ];
    });
  },
});
