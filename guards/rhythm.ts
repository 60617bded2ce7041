import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { balloonHistory } from './memory/balloons.ts';
import { emergencyState } from './memory/emergency.ts';
import { painHistory } from './memory/pain.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { ageOf, obstacle, RHYTHM } from './support/pace.ts';
import { hold, raised, sizeText } from './support/rulings.ts';
import { isRestoring } from './support/restoring.ts';
import { patientIn } from './support/patients.ts';
import { shareOut } from './support/share-out.ts';
import { memoryOf } from './support/per-guest.ts';

type Settings = SettingsOf<(typeof RHYTHM)['keys']>;

interface Shrink {
  readonly request: GuardedRequest;
  readonly curKib: number;
  readonly maxKib: number;
  readonly wantedKib: number;
}

/** How far and how often balloons move. */
export const rhythm = defineGuard({
  name: 'rhythm',
  doc: 'Limits the steps of each balloon and of all together, and lets none go back and forth',
  settings: RHYTHM,
  recalls: [balloonHistory, emergencyState, painHistory],

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const balloons = state.recall(balloonHistory);
    const shrinks: Shrink[] = [];
    for (const { request, view, at, wantedKib } of balloonRequests(requests, input)) {
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      const maxKib = numberOf(input.guestLayout, view.samples, 'balloon_max');
      if (curKib === null || maxKib === null || wantedKib === curKib) continue;
      const mayReduce = request.guard !== undefined || isRestoring(request);
      const isRelief = wantedKib > curKib && (mayReduce || patientIn(at, input, state) !== null);
      const history = memoryOf(balloons, view.uuid);
      const ageMs = ageOf(view, history, input, state);
      const why = obstacle({ curKib, maxKib, wantedKib, isRelief, mayReduce, ageMs }, history, settings, state);
      if (why !== null) rulings.set(request, hold(why));
      else if (wantedKib < curKib) shrinks.push({ request, curKib, maxKib, wantedKib });
    }
    for (const [request, ruling] of limited(shrinks, input, settings)) rulings.set(request, ruling);
    return rulings;
  },
});

/** What is left of the shrinks with the largest step of each guest and of the host. */
function limited(
  shrinks: readonly Shrink[],
  input: PolicyInput,
  settings: Settings,
): ReadonlyMap<GuardedRequest, Ruling> {
  const rulings = new Map<GuardedRequest, Ruling>();
  const steps = shrinks.map(({ curKib, maxKib, wantedKib }) =>
    Math.min(curKib - wantedKib, Math.ceil(settings.largest_step * maxKib)),
  );
  const ordinaryKib = numberOf(input.hostLayout, input.host.samples, 'mem_ordinary');
  const hostKib = ordinaryKib === null ? Infinity : settings.host_step * ordinaryKib;
  const isOver = steps.reduce((sum, kib) => sum + kib, 0) > hostKib;
  const shares = isOver ? shareOut(hostKib, steps) : steps;
  for (const [at, { request, curKib, maxKib, wantedKib }] of shrinks.entries()) {
    const stepKib = shares[at]!;
    if (stepKib === curKib - wantedKib) continue;
    const why =
      stepKib < steps[at]!
        ? `all guests together give at most ${sizeText(hostKib)} in one interval`
        : `a guest gives at most ${Math.round(settings.largest_step * 100)} % of its maximum of ${sizeText(maxKib)} in one interval`;
    rulings.set(request, stepKib < settings.dead_band ? hold(why) : raised(wantedKib, curKib - stepKib, why));
  }
  return rulings;
}
