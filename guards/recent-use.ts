import type { GuardedRequest } from '../src/model/decision.ts';
import { durationText } from '../src/model/duration-text.ts';
import { numberOf } from '../src/model/sample.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { balloonHistory } from './memory/balloons.ts';
import { emergencyState } from './memory/emergency.ts';
import { painHistory } from './memory/pain.ts';
import { RECENT_USE, recentUse, recentUseOf } from './memory/recent-use.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { isRescue } from './support/rescue.ts';
import { hold, raised, sizeText } from './support/rulings.ts';

/** What a guest does not use at the moment is often what it needs for its next burst. */
export const recentUseGuard = defineGuard({
  name: 'recent-use',
  doc: 'Leaves a guest room for the most that it used a short while ago',
  settings: RECENT_USE,
  recalls: [recentUse, emergencyState, painHistory, balloonHistory],

  beforePlan(requests, input, _settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    const wanted = balloonRequests(requests, input);
    const rescues = wanted.length > 0 && isRescue(input, state);
    for (const { request, view, wantedKib } of wanted) {
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      const recent = recentUseOf(view.uuid, state, rescues);
      if (curKib === null || recent === null || wantedKib >= curKib || wantedKib >= recent.keepsKib) continue;
      const { usedKib, agoMs, keepsKib } = recent;
      const why = `it used ${sizeText(usedKib)} ${durationText(agoMs)} ago and keeps ${sizeText(keepsKib)} for that`;
      rulings.set(request, keepsKib >= curKib ? hold(why) : raised(wantedKib, keepsKib, why));
    }
    return rulings;
  },
});
