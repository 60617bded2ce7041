import { PAGES_SHARED, RUN, STOP, UNMERGE } from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { numberOf } from '../src/model/sample.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';
import { hold, ksmRequests, ksmState, type KsmState } from './support/ksm-state.ts';
import { reserveKib } from './support/reserve.ts';

const KEYS = {
  enabled: {
    type: 'flag',
    default: true,
    doc: 'Check that the memory that unmerging needs is there. `false`: never; the kernel then kills processes when it is not.',
  },
  reserve: {
    type: 'size',
    default: '512MiB',
    min: '0KiB',
    max: '64TiB',
    doc: 'What must be left of `mem_allocatable` after unmerging, because the host goes on using memory meanwhile ...',
  },
  reserve_share: {
    type: 'ratio',
    default: '2%',
    doc: '... or this share of `mem_ordinary`, if that is more: large hosts use more of it.',
  },
} as const;

type Settings = SettingsOf<typeof KEYS>;

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

  beforePlan(requests, input, settings, { reservations }) {
    const rulings = new Map<GuardedRequest, Ruling>();
    if (!settings.enabled) return rulings;
    const state = ksmState(input);
    const current = state.number(RUN.name);
    // Without KSM, ksm-limits holds everything back. While run is 2, nothing is merged.
    if (current === null || current === UNMERGE) return rulings;
    const own = ksmRequests(requests);
    const runs = own.filter(({ knob }) => knob === RUN);
    const unmerges = runs.filter(({ value }) => value === UNMERGE);
    const needing = own.filter(({ knob, value }) => knob.requiresUnshared && value !== state.value(knob.name));
    if (unmerges.length === 0 && needing.length === 0) return rulings;
    const reservedKib = reservations.reduce((sum, { kib }) => sum + kib, 0);
    const obstacle = obstacleTo(state, { reservedKib, growthKib: growthOf(requests, input) }, settings);
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

/** Memory that is no longer free for unmerging, KiB. */
interface Claims {
  /** Kept for guests that are about to start. */
  readonly reservedKib: number;
  /** What the requests of this interval give to guests, at most. */
  readonly growthKib: number;
}

function growthOf(requests: readonly GuardedRequest[], { guests, guestLayout }: PolicyInput): number {
  const byUuid = new Map(guests.map((guest) => [guest.uuid, guest]));
  let growthKib = 0;
  for (const { name, guest, value } of requests) {
    const samples = byUuid.get(guest?.uuid ?? '')?.samples ?? [];
    const cur = numberOf(guestLayout, samples, 'balloon_cur');
    if (name !== 'balloon_target' || typeof value !== 'number' || cur === null || !(value > cur)) continue;
    growthKib += Math.min(value, numberOf(guestLayout, samples, 'balloon_max') ?? value) - cur;
  }
  return growthKib;
}

/** Why unmerging is refused; `known`: by known figures. null: it fits. */
function obstacleTo(
  state: KsmState,
  { reservedKib, growthKib }: Claims,
  settings: Settings,
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
  const allocatable = state.number('mem_allocatable');
  if (allocatable === null) return unknown('mem_allocatable');
  const need = pages * pageKib;
  const reserve = reserveKib(state.number('mem_ordinary'), settings);
  if (need <= allocatable - reserve - reservedKib - growthKib) return null;
  const why =
    `unmerging needs ${need} KiB at once, and the host has ${allocatable} (mem_allocatable), ` +
    `of which ${reserve} are kept in reserve` +
    (reservedKib > 0 ? `, ${reservedKib} for guests that are about to start` : '') +
    (growthKib > 0 ? `, ${growthKib} for guests that grow in this interval` : '');
  return { why, known: true };
}
