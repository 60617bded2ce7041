import type { GuestRef } from '../../src/model/control.ts';
import type { GuardedRequest } from '../../src/model/decision.ts';
import { fieldOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';
import type { GuardState } from '../../src/plugin/recollection.ts';
import { beliefHistory, BELIEF, doubt } from '../memory/belief.ts';
import { PAIN, painHistory, isInPain } from '../memory/pain.ts';
import { returnHistory } from '../memory/returns.ts';
import { stuckHistory } from '../memory/stuck.ts';
import { BALLOON_TARGET } from './balloon-requests.ts';
import { BALLOON_LIMITS, floorOf } from './floor.ts';
import { canBalloon, figuresOf } from './figures.ts';
import { memoryOf } from './per-guest.ts';

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

/**
 * The guests that can give this much, those with most to spare first, and what each would give. Left out are guests in pain, those
 * whose figures are not believed or old, whose balloon is off, busy or stuck, and those that are shrunk or grown already.
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
  const asked = new Set(requests.filter(({ name }) => name === BALLOON_TARGET).map(({ guest }) => guest?.uuid));
  const able = input.guests.flatMap((view) => {
    const figures = figuresOf(view, input.guestLayout);
    if (figures === null || figures.usedKib === null || asked.has(view.uuid) || !isWilling(view, input, state))
      return [];
    const limits = state.settingsOf(BALLOON_LIMITS);
    const { curKib, usedKib, rssKib } = figures;
    const floorKib = floorOf({ max: figures.maxKib, min: figures.minKib }, limits);
    const keepsKib = intoUse ? 0 : limits.headroom + KEEPS_SHARE * curKib;
    const toKib = Math.max(floorKib, Math.ceil(usedKib + keepsKib));
    // What the guest has not touched gives the host nothing.
    const givesKib = Math.min(curKib, rssKib ?? curKib) - toKib;
    return givesKib < LEAST_KIB ? [] : [{ guest: { name: view.name, uuid: view.uuid }, curKib, toKib, givesKib }];
  });
  able.sort((a, b) => b.givesKib - a.givesKib);
  const chosen: Donation[] = [];
  let missingKib = neededKib;
  for (const { guest, toKib, givesKib } of able) {
    if (missingKib <= 0) break;
    // No more is taken than is needed.
    const leavesKib = Math.max(0, givesKib - Math.max(missingKib, LEAST_KIB));
    chosen.push({ guest, toKib: toKib + leavesKib, givesKib: givesKib - leavesKib });
    missingKib -= givesKib - leavesKib;
  }
  return chosen;
}

function isWilling(view: PolicyInput['guests'][number], { guestLayout }: PolicyInput, state: GuardState): boolean {
  const { uuid, samples } = view;
  const pain = memoryOf(state.recall(painHistory), uuid);
  const { lasting } = state.settingsOf(PAIN);
  const job = fieldOf(guestLayout, samples, 'job') ?? null;
  return (
    canBalloon(view, guestLayout) &&
    (job === null || job === 'none') &&
    !isInPain(pain, state.steadyMs, lasting) &&
    doubt(memoryOf(state.recall(beliefHistory), uuid), state.settingsOf(BELIEF)) === null &&
    (memoryOf(state.recall(stuckHistory), uuid)?.stuck ?? null) === null &&
    (memoryOf(state.recall(returnHistory), uuid)?.kept ?? null) === null
  );
}
