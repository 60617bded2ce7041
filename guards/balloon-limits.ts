import { BALLOONING_OFF, RETURNS_NOTHING, type BallooningOff } from '../src/model/ballooning.ts';
import type { FieldValue, Layout, Sample } from '../src/model/field.ts';
import { fieldOf, numberOf } from '../src/model/sample.ts';
import type { GuestView, PolicyInput } from '../src/model/snapshot.ts';
import { BALLOON_PAGE_KIB } from '../src/model/units.ts';
import type { GuardedRequest } from '../src/model/decision.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';
import { emergencyState, isLate } from './memory/emergency.ts';
import { balloonRequests } from './support/balloon-requests.ts';
import { isRunning, sizeAtReport } from './support/figures.ts';
import { BALLOON_LIMITS, floorOf } from './support/floor.ts';
import { hold } from './support/rulings.ts';
import type { SettingsOf } from '../src/plugin/settings.ts';

/** In the last stage of an emergency, guests give their headroom, but not what they use. */
const LAST_HEADROOM_KIB = 1;

type Settings = SettingsOf<(typeof BALLOON_LIMITS)['keys']>;

/**
 * Limits every balloon target. A guest's balloon changes only while the guest runs and reports statistics, stays between
 * the floor and the maximum, and leaves the headroom. A request is at most weakened: a request to shrink never becomes
 * one to grow, or vice versa.
 *
 * Stale statistics hold back growing as well: a guest that hangs cannot use memory, and decisions based on stale
 * statistics have starved guests before. The operator's `virsh setmem` always works.
 */
export const balloonLimits = defineGuard({
  name: 'balloon-limits',
  doc: 'Keeps each balloon between the floor and the maximum of its guest, leaves the guest its headroom, and moves no balloon of a guest that does not run or report, or whose ballooning is off',
  settings: BALLOON_LIMITS,
  recalls: [emergencyState],

  beforePlan(requests, input, configured, state) {
    // The last resort of a host without memory, after all that guests can spare.
    const settings = isLate(state.recall(emergencyState))
      ? { ...configured, headroom: Math.min(configured.headroom, LAST_HEADROOM_KIB) }
      : configured;
    const rulings = new Map<GuardedRequest, Ruling>();
    for (const { request, view, wantedKib } of balloonRequests(requests, input)) {
      const ruling = ruleOn(wantedKib, view, input, settings);
      if (ruling !== null) rulings.set(request, ruling);
    }
    return rulings;
  },

  figures({ guests, guestLayout }, settings) {
    const floors = guests.flatMap(({ uuid, samples }) => {
      const max = numberOf(guestLayout, samples, 'balloon_max');
      const min = numberOf(guestLayout, samples, 'balloon_min');
      return max === null || min === null ? [] : [[uuid, { floorKib: floorOf({ max, min }, settings) }] as const];
    });
    return { guests: new Map(floors) };
  },
});

/** @param wanted the requested balloon_target, KiB */
function ruleOn(
  wanted: number,
  { samples }: GuestView,
  { guestLayout: layout, sinceMs = 0 }: PolicyInput,
  settings: Settings,
): Ruling | null {
  const cur = numberOf(layout, samples, 'balloon_cur');
  const max = numberOf(layout, samples, 'balloon_max');
  const min = numberOf(layout, samples, 'balloon_min');
  if (cur === null || max === null || min === null)
    return hold('balloon_cur, balloon_max or balloon_min of this guest is unknown');
  if (min < 0 || cur < 0 || cur > max) {
    return hold(`the sizes of this guest are inconsistent: balloon_min ${min}, balloon_cur ${cur}, balloon_max ${max}`);
  }
  const off = fieldOf(layout, samples, 'ballooning_off') ?? null;
  // A guest that returns nothing may still get what it lacks.
  if (off !== null && !(RETURNS_NOTHING.has(off) && wanted > cur)) return hold(offText(off));
  const obstacle = notRunning(samples, layout) ?? notReporting(samples, layout, settings.max_stats_age, sinceMs);
  if (obstacle !== null) return hold(obstacle);
  return wanted < cur ? shrink(wanted, { cur, max, min }, samples, layout, settings) : grow(wanted, max);
}

function offText(off: FieldValue): string {
  const text = Object.hasOwn(BALLOONING_OFF, String(off)) ? BALLOONING_OFF[off as BallooningOff] : String(off);
  return `ballooning of this guest is off: ${text}`;
}

interface Bounds {
  readonly cur: number;
  readonly max: number;
  readonly min: number;
}

function shrink(
  wanted: number,
  bounds: Bounds,
  samples: readonly Sample[],
  layout: Layout,
  settings: Settings,
): Ruling | null {
  const { cur, max, min } = bounds;
  const floor = floorOf(bounds, settings);
  if (cur <= floor) return hold(`the guest is at its floor: it has ${cur} and keeps ${floor}`);
  const notes: string[] = [];
  let to = wanted;
  if (to < floor) {
    notes.push(
      `raised from ${to} to ${floor}: the floor of this guest, the highest of balloon_min ${min}, ` +
        `${settings.floor} and ${percent(settings.floor_ratio)} of balloon_max ${max}`,
    );
    to = floor;
  }
  if (settings.headroom > 0) {
    const spare = numberOf(layout, samples, 'usable') ?? numberOf(layout, samples, 'mem_unused');
    if (spare === null) return hold('usable and mem_unused of this guest are both unknown');
    const least = Math.min(cur, Math.ceil(sizeAtReport(samples, layout, cur) - spare + settings.headroom));
    if (to < least) {
      notes.push(
        `raised from ${to} to ${least}: the guest could use ${spare} more at once and keeps a headroom of ${settings.headroom}`,
      );
      to = least;
    }
  }
  if (notes.length === 0) return null;
  return cur - to >= BALLOON_PAGE_KIB ? { kind: 'change', value: to, notes } : hold(notes.join('; '));
}

function grow(wanted: number, max: number): Ruling | null {
  if (wanted <= max) return null;
  return { kind: 'change', value: max, notes: [`lowered from ${wanted} to ${max}: the balloon_max of this guest`] };
}

function notRunning(samples: readonly Sample[], layout: Layout): string | null {
  if (!layout.index.has('state')) return null;
  const state = fieldOf(layout, samples, 'state');
  return isRunning(state) ? null : `the guest is not running: ${String(state ?? 'state unknown')}`;
}

function notReporting(
  samples: readonly Sample[],
  layout: Layout,
  maxStatsAgeMs: number,
  sinceMs: number,
): string | null {
  const sampledS = numberOf(layout, samples, 'stats_age');
  if (sampledS === null) return 'its balloon driver has never reported statistics';
  const ageS = sampledS + sinceMs / 1000;
  // A negative age means that the host's clock was set back: as unreliable as stale statistics.
  if (Math.abs(ageS) * 1000 <= maxStatsAgeMs) return null;
  if (ageS < 0)
    return `its statistics are from ${Math.round(-ageS)} s in the future: the clock of the host was set back`;
  const cause = fieldOf(layout, samples, 'stats_missing') ?? null;
  const because = cause === null ? '' : `: ${String(cause)}`;
  return `its statistics are ${Math.round(ageS)} s old (limit ${maxStatsAgeMs / 1000} s) and no longer updated${because}`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}
