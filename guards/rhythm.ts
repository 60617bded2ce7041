import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { balloonHistory, type BalloonHistory } from './memory/balloons.ts';
import { emergencyState } from './memory/emergency.ts';
import { painHistory } from './memory/pain.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { hold, raised, sizeText, timeText } from './support/rulings.ts';
import { isRestoring } from './support/restoring.ts';
import { patientIn } from './support/patients.ts';
import { shareOut } from './support/share-out.ts';
import { memoryOf } from './support/per-guest.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: '`false`: balloons move as far and as often as the policy asks.',
  },
  largest_step: {
    type: 'ratio',
    default: '10%',
    doc: "A policy takes at most this share of a guest's maximum in one interval: the guest must be able to report what it did to it before the next step. Relief and growth are not limited by it.",
  },
  dead_band: {
    type: 'size',
    default: '4MiB',
    min: '0KiB',
    max: '1TiB',
    doc: 'A smaller move is not worth it, except the last one to the maximum of the guest.',
  },
  cool_down: {
    type: 'duration',
    default: '100s',
    min: '0s',
    max: '24h',
    doc: 'After a move, no opposite move for this long: the effect of a move shows only after some reports. Relief does not wait for it.',
  },
  emergency_cool_down: {
    type: 'duration',
    default: '10s',
    min: '0s',
    max: '24h',
    doc: 'The same in an emergency of the host.',
  },
  boot_grace: {
    type: 'duration',
    default: '3min',
    min: '0s',
    max: '24h',
    doc: 'A guest that has appeared less than this ago is not shrunk: it boots, and its figures say nothing about what it will need. Guests that ran already when Ballast started have no grace.',
  },
  host_step: {
    type: 'ratio',
    default: '10%',
    doc: "All guests together give at most this share of the host's memory in one interval.",
  },
} as const;

type Settings = SettingsOf<typeof KEYS>;

interface Move {
  readonly curKib: number;
  readonly maxKib: number;
  readonly wantedKib: number;
  /** It grows a guest that lacks memory, or gives back at the exit. */
  readonly isRelief: boolean;
  /** How long ago the guest appeared, milliseconds; null: it ran before the guards did, for an unknown time. */
  readonly ageMs: number | null;
}

interface Shrink {
  readonly request: GuardedRequest;
  readonly uuid: string;
  readonly curKib: number;
  readonly maxKib: number;
  readonly wantedKib: number;
}

/** How far and how often balloons move. */
export const rhythm = defineGuard({
  name: 'rhythm',
  doc: 'Limits the steps of each balloon and of all together, and lets none go back and forth',
  settings: { key: 'rhythm', doc: 'How far and how often balloons move.', keys: KEYS },
  recalls: [balloonHistory, emergencyState, painHistory],

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const balloons = state.recall(balloonHistory);
    const shrinks: Shrink[] = [];
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const curKib = numberOf(input.guestLayout, view.samples, 'balloon_cur');
      const maxKib = numberOf(input.guestLayout, view.samples, 'balloon_max');
      if (curKib === null || maxKib === null || wantedKib === curKib) continue;
      const isRelief =
        wantedKib > curKib &&
        (request.guard !== undefined || isRestoring(request) || patientIn(view, input, state) !== null);
      const history = memoryOf(balloons, view.uuid);
      const ageMs = ageOf(view, history, input, state);
      const why = obstacle({ curKib, maxKib, wantedKib, isRelief, ageMs }, history, settings, state);
      if (why !== null) rulings.set(request, hold(why));
      else if (wantedKib < curKib) shrinks.push({ request, uuid: view.uuid, curKib, maxKib, wantedKib });
    }
    for (const [request, ruling] of limited(shrinks, input, settings)) rulings.set(request, ruling);
    return rulings;
  },
});

function ageOf(
  { samples }: GuestView,
  history: BalloonHistory | null,
  { guestLayout }: PolicyInput,
  { steadyMs }: GuardState,
): number | null {
  const uptimeS = numberOf(guestLayout, samples, 'uptime');
  if (uptimeS !== null) return uptimeS * 1000;
  return history === null || history.adopted ? null : steadyMs - history.sinceMs;
}

/** Why the balloon does not move now; null: it may. */
function obstacle(
  { curKib, maxKib, wantedKib, isRelief, ageMs }: Move,
  history: BalloonHistory | null,
  settings: Settings,
  state: GuardState,
): string | null {
  const isShrink = wantedKib < curKib;
  const movesKib = Math.abs(wantedKib - curKib);
  if (movesKib < settings.dead_band && !isRelief && !(wantedKib >= maxKib))
    return `a move by ${sizeText(movesKib)} is not worth it: the dead-band is ${sizeText(settings.dead_band)}`;
  const target = history?.target ?? null;
  if (
    target !== null &&
    target.reachedMs === null &&
    Math.abs(target.kib - wantedKib) < Math.max(1, settings.dead_band)
  )
    return `its balloon is on its way from ${target.fromKib} to ${target.kib}`;
  if (history === null || isRelief) return null;
  if (isShrink && ageMs !== null && ageMs < settings.boot_grace)
    return `the guest appeared ${timeText(ageMs)} ago and is not shrunk for ${timeText(settings.boot_grace)}`;
  const coolDownMs = state.recall(emergencyState) === null ? settings.cool_down : settings.emergency_cool_down;
  const oppositeMs = isShrink ? history.grownMs : history.shrunkMs;
  if (oppositeMs === null || state.steadyMs - oppositeMs >= coolDownMs) return null;
  return `it was ${isShrink ? 'grown' : 'shrunk'} ${timeText(state.steadyMs - oppositeMs)} ago: no opposite move for ${timeText(coolDownMs)}`;
}

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
