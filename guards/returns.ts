import type { Condition } from '../src/model/condition.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { durationText } from '../src/model/duration-text.ts';
import { numberOf } from '../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { balloonHistory } from './memory/balloons.ts';
import { emergencyState } from './memory/emergency.ts';
import { painHistory } from './memory/pain.ts';
import { recentUse, recentUseOf } from './memory/recent-use.ts';
import { RETURNS, returnHistory } from './memory/returns.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { figuresIn } from './support/figures.ts';
import { memoryOf } from './support/per-guest.ts';
import { isRestoring } from './support/restoring.ts';
import { isRescue } from './support/rescue.ts';
import { hold, sizeText } from './support/rulings.ts';
import { spareOf } from './support/spare.ts';

/** Taking memory that the host does not get only hurts the guest. */
export const returns = defineGuard({
  name: 'returns',
  doc: 'Takes no more from a guest whose balloon reached its target while the host got nothing back',
  settings: RETURNS,
  recalls: [returnHistory, recentUse, emergencyState, balloonHistory, painHistory],

  beforePlan(requests, input, settings, state) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const wanted = balloonRequests(requests, input);
    if (wanted.length === 0) return rulings;
    // For all requests at once: it adds up what every guest lacks or was promised.
    const isShort = (spareOf(input, state)?.spareKib ?? 0) <= 0;
    const limits = { ...settings, isShort, rescues: isRescue(input, state) };
    for (const { request, view, at, wantedKib } of wanted) {
      const why = kept(view, wantedKib, input, state) ?? inVain(request, at, wantedKib, input, limits, state);
      if (why !== null) rulings.set(request, hold(why));
    }
    return rulings;
  },

  verdicts: {
    memory_not_returned: (uuid, state) => (memoryOf(state.recall(returnHistory), uuid)?.kept ?? null) !== null,
  },

  conditions(input, { enabled }, state) {
    if (!enabled) return [];
    const history = state.recall(returnHistory);
    const found: Condition[] = [];
    for (const { name, uuid } of input.guests) {
      const kept = memoryOf(history, uuid)?.kept ?? null;
      if (kept === null) continue;
      const text = `balloon reached, memory not returned: ${sizeText(kept.takenKib)} were taken, and its QEMU process did not become smaller (memory never touched or already returned, VFIO, huge pages, locked memory). No more is taken`;
      found.push({ guest: { name, uuid }, text, over: 'its balloon returns memory again', level: 'info' });
    }
    return found;
  },
});

type Settings = SettingsOf<(typeof RETURNS)['keys']>;

/** Why nothing is taken from a guest whose balloon returned nothing; null: it may be tried. */
function kept({ uuid, samples }: GuestView, wantedKib: number, input: PolicyInput, state: GuardState): string | null {
  const last = memoryOf(state.recall(returnHistory), uuid)?.kept ?? null;
  const curKib = numberOf(input.guestLayout, samples, 'balloon_cur');
  if (last === null || curKib === null || wantedKib >= curKib || state.steadyMs >= last.retryMs) return null;
  const waits = durationText(last.retryMs - state.steadyMs);
  return `balloon reached, memory not returned: ${sizeText(last.takenKib)} were taken, and its QEMU process did not become smaller; it is tried again in ${waits}`;
}

/** Why the host would get nothing however far the guest is shrunk; null: it may get something. */
function inVain(
  request: GuardedRequest,
  at: number,
  wantedKib: number,
  input: PolicyInput,
  { gain, worth, isShort, rescues }: Settings & { readonly isShort: boolean; readonly rescues: boolean },
  state: GuardState,
): string | null {
  const figures = figuresIn(input)[at] ?? null;
  const recent = recentUseOf(input.guests[at]!.uuid, state, rescues);
  // What is put back is not taken for the host's sake.
  if (figures === null || recent === null || isRestoring(request)) return null;
  const { curKib, rssKib, touchedKib } = figures;
  if (wantedKib >= curKib || rssKib === null) return null;
  // Where the host lacks memory, what the guest was granted and has not touched counts too: others can have it.
  const grantedKib = isShort ? (memoryOf(state.recall(balloonHistory), input.guests[at]!.uuid)?.promisedKib ?? 0) : 0;
  const gainKib = Math.min(curKib, touchedKib + grantedKib) - recent.keepsKib;
  const isWorthIt = isShort || gainKib >= worth * (curKib - recent.keepsKib);
  if (gainKib >= gain * curKib && isWorthIt) return null;
  return `the host would get ${gainKib <= 0 ? 'nothing' : 'little'}: the guest has touched ${sizeText(touchedKib)}, and keeps ${sizeText(recent.keepsKib)} because it used ${sizeText(recent.usedKib)} ${durationText(recent.agoMs)} ago`;
}
