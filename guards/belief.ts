import type { Condition } from '../src/model/condition.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { BELIEF, beliefHistory, doubt } from './memory/belief.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { hold, lowered, sizeText } from './support/rulings.ts';
import { fairShares } from './support/shares.ts';
import { memoryOf } from './support/per-guest.ts';

/** A guest whose figures cannot be true is not shrunk by them, and gets no more than its fair share by them. */
export const belief = defineGuard({
  name: 'belief',
  doc: 'Shrinks no guest by figures that cannot be true, and lets such a guest have no more than its fair share of the host',
  settings: BELIEF,
  recalls: [beliefHistory],

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    const history = state.recall(beliefHistory);
    let shares: ReturnType<typeof fairShares> = null;
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const known = memoryOf(history, view.uuid);
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      if (curKib === null || wantedKib === curKib) continue;
      const why = doubt(known, settings);
      if (why === null) continue;
      if (wantedKib < curKib) {
        rulings.set(request, hold(`its figures are not believed: ${why}`));
        continue;
      }
      shares ??= fairShares(input);
      const fairKib = shares?.(view.uuid) ?? curKib;
      if (wantedKib <= fairKib) continue;
      const because = `its figures are not believed (${why}), so it gets no more than its fair share of ${sizeText(fairKib)}`;
      rulings.set(request, fairKib <= curKib ? hold(because) : lowered(wantedKib, fairKib, because));
    }
    return rulings;
  },

  verdicts: {
    figures_doubted: (uuid, state) =>
      doubt(memoryOf(state.recall(beliefHistory), uuid), state.settingsOf(BELIEF)) !== null,
  },

  conditions(input, settings, state) {
    const history = state.recall(beliefHistory);
    const found: Condition[] = [];
    for (const { name, uuid } of input.guests) {
      const known = memoryOf(history, uuid);
      const why = doubt(known, settings);
      if (why === null || known === null || known.doubtful < settings.reports) continue;
      const text = `its figures are not believed: ${why}. It is not shrunk by them, and gets no more than its fair share; look at the balloon service in the guest`;
      found.push({ guest: { name, uuid }, text, over: 'its figures are believed again' });
    }
    return found;
  },
});
