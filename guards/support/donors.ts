import type { GuestRef } from '../../src/model/control.ts';
import type { GuardedRequest } from '../../src/model/decision.ts';
import { fieldOf, numberOf } from '../../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { balloonHistory } from '../memory/balloons.ts';
import { beliefHistory, BELIEF, doubt } from '../memory/belief.ts';
import { PAIN, painHistory, isInPain, rememberedKib } from '../memory/pain.ts';
import { recentUseOf } from '../memory/recent-use.ts';
import { returnHistory } from '../memory/returns.ts';
import { stuckHistory } from '../memory/stuck.ts';
import { balloonRequests, type BalloonRequest } from './balloon-requests.ts';
import { BALLOON_LIMITS, floorOf } from './floor.ts';
import { canBalloon, figuresIn, type Figures } from './figures.ts';
import { ageOf, obstacle, RHYTHM } from './pace.ts';
import { memoryOf } from './per-guest.ts';
import { isRescue } from './rescue.ts';
import { isRestoring } from './restoring.ts';

/** Memory that a guest can give without feeling it. */
export interface Donation {
  readonly guest: GuestRef;
  readonly toKib: number;
  readonly givesKib: number;
}

/** A donor keeps this share of its size to use at once, besides its headroom. */
const KEEPS_SHARE = 0.2;

/** The least that a donor is asked for, KiB. */
const LEAST_KIB = 16_384;

/** A balloon that has not moved for this long gives nothing for now, milliseconds. */
const MOVES_WITHIN_MS = 15_000;

/**
 * The guests that can give this much, those with most to spare first, and what each would give now: no more than the other guards let
 * pass, so that nobody waits for a guest that will not give. Left out are guests in pain, those whose figures are not believed or
 * old, whose balloon is off, busy or stuck, that may not be shrunk yet, and those that a policy shrinks further or a guard moves
 * already.
 *
 * @param intoUse whether to take what is left below the headroom too, down to the floor
 */
export function donations(
  requests: readonly GuardedRequest[],
  neededKib: number,
  input: PolicyInput,
  state: GuardState,
  intoUse = false,
): readonly Donation[] {
  const asked = new Map(balloonRequests(requests, input).map((each) => [each.view.uuid, each]));
  const balloons = state.recall(balloonHistory);
  const able: (Donation & { readonly wantedKib: number })[] = [];
  let missingKib = neededKib;
  const all = figuresIn(input);
  // Once for all guests: it adds up what each of them lacks.
  const ask = { intoUse, rescues: isRescue(input, state) };
  for (const [at, view] of input.guests.entries()) {
    const figures = all[at] ?? null;
    const own = asked.get(view.uuid);
    if (figures === null || figures.usedKib === null || (own !== undefined && isFixed(own)) || !isWilling(view, input, state)) continue; // prettier-ignore
    const { curKib, touchedKib } = figures;
    const balloon = memoryOf(balloons, view.uuid);
    // What the guest has not touched gives the host nothing, unless it is kept for the guest.
    const hasKib = Math.min(curKib, touchedKib + (balloon?.promisedKib ?? 0));
    const target = balloon?.target ?? null;
    if (target !== null && target.reachedMs === null && target.kib < curKib) {
      // It gives already.
      if (state.steadyMs - target.movedMs < MOVES_WITHIN_MS) missingKib -= Math.max(0, hasKib - target.kib);
      continue;
    }
    const toKib = leastOf(view, figures, input, state, ask);
    const wantedKib = own?.wantedKib ?? curKib;
    if (toKib === null || wantedKib <= toKib || hasKib - toKib < LEAST_KIB) continue;
    able.push({ guest: { name: view.name, uuid: view.uuid }, wantedKib, toKib, givesKib: hasKib - toKib });
  }
  able.sort((a, b) => b.givesKib - a.givesKib);
  const chosen: Donation[] = [];
  for (const { guest, wantedKib, toKib, givesKib } of able) {
    if (missingKib <= 0) break;
    // No more is taken than is needed.
    const leavesKib = Math.max(0, givesKib - Math.max(missingKib, LEAST_KIB));
    if (toKib + leavesKib < wantedKib) chosen.push({ guest, toKib: toKib + leavesKib, givesKib: givesKib - leavesKib });
    missingKib -= givesKib - leavesKib;
  }
  return chosen;
}

/** What guards have asked for, or Ballast itself at its exit, stays as it is. */
function isFixed({ request }: BalloonRequest): boolean {
  return request.guard !== undefined || isRestoring(request);
}

/** The size to which a guest may be shrunk now, KiB; null: it may not be. */
function leastOf(
  view: GuestView,
  { curKib, maxKib, minKib, usedKib }: Figures,
  input: PolicyInput,
  state: GuardState,
  { intoUse, rescues }: { readonly intoUse: boolean; readonly rescues: boolean },
): number | null {
  const limits = state.settingsOf(BALLOON_LIMITS);
  const rhythm = state.settingsOf(RHYTHM);
  const pain = state.settingsOf(PAIN);
  const keepsKib = intoUse ? 0 : limits.headroom + KEEPS_SHARE * curKib;
  const toKib = Math.max(
    floorOf({ max: maxKib, min: minKib }, limits),
    Math.ceil((usedKib ?? curKib) + keepsKib),
    recentUseOf(view.uuid, state, rescues)?.keepsKib ?? 0,
    pain.enabled && !rescues ? rememberedKib(memoryOf(state.recall(painHistory), view.uuid), state.steadyMs, pain) : 0,
    rhythm.enabled ? curKib - Math.ceil(rhythm.largest_step * maxKib) : 0,
  );
  if (!rhythm.enabled || toKib >= curKib) return toKib;
  const history = memoryOf(state.recall(balloonHistory), view.uuid);
  const move = {
    curKib,
    maxKib,
    wantedKib: toKib,
    isRelief: false,
    mayReduce: false,
    ageMs: ageOf(view, history, input, state),
  };
  return obstacle(move, history, rhythm, state) === null ? toKib : null;
}

function isWilling(view: GuestView, { guestLayout, sinceMs = 0 }: PolicyInput, state: GuardState): boolean {
  const { uuid, samples } = view;
  const pain = memoryOf(state.recall(painHistory), uuid);
  const { lasting } = state.settingsOf(PAIN);
  const job = fieldOf(guestLayout, samples, 'job') ?? null;
  const ageS = numberOf(guestLayout, samples, 'stats_age');
  const kept = memoryOf(state.recall(returnHistory), uuid)?.kept ?? null;
  return (
    canBalloon(view, guestLayout) &&
    (job === null || job === 'none') &&
    ageS !== null &&
    Math.abs(ageS * 1000 + sinceMs) <= state.settingsOf(BALLOON_LIMITS).max_stats_age &&
    !isInPain(pain, state.steadyMs, lasting) &&
    doubt(memoryOf(state.recall(beliefHistory), uuid), state.settingsOf(BELIEF)) === null &&
    (memoryOf(state.recall(stuckHistory), uuid)?.stuck ?? null) === null &&
    (kept === null || state.steadyMs >= kept.retryMs)
  );
}
