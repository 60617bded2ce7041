import { PAGES_SHARED, RUN, STOP, UNMERGE } from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { GuardState } from '../src/plugin/recollection.ts';
import { balloonHistory } from './memory/balloons.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { ksmRequests, ksmState, type KsmState } from './support/ksm-state.ts';
import { hold, sizeText } from './support/rulings.ts';
import { spareOf } from './support/spare.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: 'Unmerge only into memory that the host can spare, above the reserve of `budget`, what guests are promised, and reservations. `false`: always; without the memory for it, the kernel then kills processes.',
  },
} as const;

/**
 * Unmerging gives each mapping of a merged page a page of its own, at once: on a host without that much memory it swaps
 * or kills guests. Stopping (`run` 0) keeps the merged pages and needs nothing.
 */
export const ksmUnmerge = defineGuard({
  name: 'ksm-unmerge',
  doc: 'Refuses to unmerge KSM pages, and to change settings that need it, when the host lacks the memory for it',
  settings: {
    key: 'ksm_unmerge',
    doc: 'Unmerging (`ksm_run` 2) needs all the memory at once that KSM saves, the pages replaced by the zero page included.',
    keys: KEYS,
  },

  recalls: [balloonHistory],

  beforePlan(requests, input, { enabled }, guardState) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!enabled) return rulings;
    const state = ksmState(input);
    const current = state.number(RUN.name);
    // Without KSM, ksm-limits holds everything back. While run is 2, nothing is merged.
    if (current === null || current === UNMERGE) return rulings;
    const own = ksmRequests(requests);
    const runs = own.filter(({ knob }) => knob === RUN);
    const unmerges = runs.filter(({ value }) => value === UNMERGE);
    const needing = own.filter(({ knob, value }) => knob.requiresUnshared && value !== state.value(knob.name));
    if (unmerges.length === 0 && needing.length === 0) return rulings;
    const obstacle = obstacleTo(state, requests, input, guardState);
    if (obstacle === null) return rulings;
    // Without a request to unmerge, the kernel itself refuses them; an unknown need is then no danger.
    if (state.number(PAGES_SHARED) !== 0 && (unmerges.length > 0 || obstacle.known)) {
      for (const { request } of needing)
        rulings.set(request, hold(`the kernel accepts it only after unmerging (ksm_run ${UNMERGE}): ${obstacle.why}`));
    }
    // An unmerge for the sake of another setting, or one that is followed by another value, is not meant to stop KSM.
    const isMeans = needing.length > 0 || runs.length > unmerges.length;
    for (const { request } of unmerges) {
      const stops = current !== STOP && !isMeans;
      const notes = [`lowered from ${UNMERGE} to ${STOP}, which keeps what is merged: ${obstacle.why}`];
      rulings.set(request, stops ? { kind: 'change', value: STOP, notes } : hold(obstacle.why));
    }
    return rulings;
  },
});

/** Why unmerging is refused; `known`: by known figures. null: it fits. */
function obstacleTo(
  state: KsmState,
  requests: readonly GuardedRequest[],
  input: PolicyInput,
  guardState: GuardState,
): { readonly why: string; readonly known: boolean } | null {
  const shared = state.number(PAGES_SHARED);
  const sharing = state.number('ksm_pages_sharing') ?? (shared === 0 ? 0 : null);
  const unknown = (name: string) => ({ why: `${name} is unknown, so unmerging may not fit into memory`, known: false });
  if (sharing === null) return unknown('ksm_pages_sharing');
  // Kernels before 6.6 neither count nor unmerge them.
  const pages = sharing + (state.number('ksm_zero_pages') ?? 0);
  if (pages <= 0) return null;
  const pageKib = state.number('page_size');
  if (pageKib === null) return unknown('page_size');
  const spare = spareOf(input, guardState);
  if (spare === null) return unknown('mem_allocatable');
  const needKib = pages * pageKib;
  const growthKib = growthOf(requests, input);
  if (needKib <= spare.spareKib - growthKib) return null;
  const { allocatableKib, reserveKib, promisedKib, reservedKib } = spare;
  const kept = [
    `${sizeText(reserveKib)} in reserve`,
    ...(promisedKib > 0 ? [`${sizeText(promisedKib)} for guests that were granted it`] : []),
    ...(reservedKib > 0 ? [`${sizeText(reservedKib)} for guests that are about to start`] : []),
    ...(growthKib > 0 ? [`${sizeText(growthKib)} for guests that grow in this interval`] : []),
  ];
  const why = `unmerging needs ${sizeText(needKib)} at once, and the host has ${sizeText(allocatableKib)} and keeps ${kept.join(', ')}`;
  return { why, known: true };
}

/** What the requests of this interval give to guests, at most, KiB. */
function growthOf(requests: readonly GuardedRequest[], input: PolicyInput): number {
  let growthKib = 0;
  for (const { view, wantedKib } of balloonRequests(requests, input)) {
    const cur = numberOf(input.guestLayout, view.samples, 'balloon_cur');
    const max = numberOf(input.guestLayout, view.samples, 'balloon_max') ?? wantedKib;
    if (cur !== null) growthKib += Math.max(0, Math.min(wantedKib, max) - cur);
  }
  return growthKib;
}
