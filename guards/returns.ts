import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { RETURNS, returnHistory } from './memory/returns.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { memoryOf } from './support/per-guest.ts';
import { hold, sizeText, timeText } from './support/rulings.ts';

/** Taking memory that the host does not get only hurts the guest. */
export const returns = defineGuard({
  name: 'returns',
  doc: 'Takes no more from a guest whose balloon reached its target while the host got nothing back',
  settings: RETURNS,
  recalls: [returnHistory],

  beforePlan(requests, input, { enabled }, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!enabled) return rulings;
    const history = state.recall(returnHistory);
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const kept = memoryOf(history, view.uuid)?.kept ?? null;
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (kept === null || curKib === null || wantedKib >= curKib || state.steadyMs >= kept.retryMs) continue;
      const waits = timeText(kept.retryMs - state.steadyMs);
      const why = `balloon reached, memory not returned: ${sizeText(kept.takenKib)} were taken, and its QEMU process did not become smaller; it is tried again in ${waits}`;
      rulings.set(request, hold(why));
    }
    return rulings;
  },

  verdicts: (uuid, state) => ({
    memory_not_returned: (memoryOf(state.recall(returnHistory), uuid)?.kept ?? null) !== null,
  }),

  conditions(input, { enabled }, state) {
    if (!enabled) return [];
    const history = state.recall(returnHistory);
    return input.guests.flatMap(({ name, uuid }) => {
      const kept = memoryOf(history, uuid)?.kept ?? null;
      if (kept === null) return [];
      const text = `balloon reached, memory not returned: ${sizeText(kept.takenKib)} were taken, and its QEMU process did not become smaller (memory never touched or already returned, VFIO, huge pages, locked memory). No more is taken`;
      return [{ guest: { name, uuid }, text, over: 'its balloon returns memory again', level: 'info' as const }];
    });
  },
});
