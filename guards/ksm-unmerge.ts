import { PAGES_SHARED, RUN, STOP, UNMERGE } from '../src/host/ksm-knobs.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
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

  beforePlan(requests, input, settings) {
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
    const obstacle = obstacleTo(state, settings);
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
function obstacleTo(state: KsmState, settings: Settings): { readonly why: string; readonly known: boolean } | null {
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
  if (need <= allocatable - reserve) return null;
  const why =
    `unmerging needs ${need} KiB at once, and the host has ${allocatable} (mem_allocatable), ` +
    `of which ${reserve} are kept in reserve`;
  return { why, known: true };
}
