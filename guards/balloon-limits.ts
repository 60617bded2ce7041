import type { PolicyScalar } from '../src/model/control.ts';
import type { Layout, Sample } from '../src/model/field.ts';
import type { BalloonSettings } from '../src/plugin/controller.ts';
import { fieldOf, numberOf } from '../src/model/sample.ts';
import { shownScalar } from '../src/model/shown-scalar.ts';

/** What may be done of one request for a balloon. */
export type Verdict =
  | { readonly kind: 'move'; readonly from: number; readonly to: number; readonly notes: readonly string[] }
  | { readonly kind: 'unchanged' | 'held'; readonly why: string };

/** A balloon consists of pages: a smaller difference is none. */
export const BALLOON_PAGE_KIB = 4;

/** States in which a guest runs, so that its balloon driver can follow. libvirt's "blocked" is a running guest that waits. */
const RUNNING: ReadonlySet<unknown> = new Set(['running', 'blocked', 'no state']);

const held = (why: string): Verdict => ({ kind: 'held', why });

/**
 * The safety net under every balloon decision. A guest is moved only while it runs and reports; never above its
 * maximum; never down to less than its floor, nor so far that it would lack the headroom of memory it uses. A request
 * is at most weakened: one to shrink never becomes one to grow, nor the other way round.
 *
 * Statistics that have stopped moving hold back growing as well. A guest that hangs cannot take memory, and a policy
 * that goes on deciding from its last words is what drove guests into the ground before; the operator's own
 * `virsh setmem` always works.
 *
 * @param value the balloon_target that the policy asked for, KiB
 * @param samples the guest's, oldest first
 */
export function judgeTarget(
  value: PolicyScalar,
  samples: readonly Sample[],
  layout: Layout,
  settings: BalloonSettings,
): Verdict {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return held(`balloon_target must be a number of KiB, and the policy gave ${shownScalar(value)}`);
  }
  const cur = numberOf(layout, samples, 'balloon_cur');
  const max = numberOf(layout, samples, 'balloon_max');
  const min = numberOf(layout, samples, 'balloon_min');
  if (cur === null || max === null || min === null)
    return held('balloon_cur, balloon_max or balloon_min of this guest is not known');
  if (min < 0 || cur < 0 || cur > max) {
    return held(`the sizes of this guest make no sense: balloon_min ${min}, balloon_cur ${cur}, balloon_max ${max}`);
  }
  const trouble = notRunning(samples, layout) ?? notReporting(samples, layout, settings.maxStatsAgeMs);
  if (trouble !== null) return held(trouble);
  // Adding 0 turns -0 into 0, which is what people expect to read.
  const wanted = Math.trunc(value) + 0;
  return wanted < cur ? shrink(wanted, { cur, max, min }, samples, layout, settings) : grow(wanted, cur, max);
}

interface Bounds {
  readonly cur: number;
  readonly max: number;
  readonly min: number;
}

/** The size below which this guest's balloon is never driven. A guest smaller than all floors keeps all it has. */
export function floorOf({ max, min }: Omit<Bounds, 'cur'>, { floorKib, floorRatio }: BalloonSettings): number {
  return Math.min(max, Math.ceil(Math.max(min, floorKib, floorRatio * max)));
}

function shrink(
  wanted: number,
  bounds: Bounds,
  samples: readonly Sample[],
  layout: Layout,
  settings: BalloonSettings,
): Verdict {
  const { cur, max, min } = bounds;
  const floor = floorOf(bounds, settings);
  if (cur <= floor) return held(`the guest is at its floor: it has ${cur} and keeps ${floor}`);
  const notes: string[] = [];
  let to = wanted;
  if (to < floor) {
    notes.push(
      `raised from ${to} to ${floor}: the floor of this guest, the highest of balloon_min ${min}, ` +
        `${settings.floorKib} and ${percent(settings.floorRatio)} of balloon_max ${max}`,
    );
    to = floor;
  }
  if (settings.headroomKib > 0) {
    const spare = numberOf(layout, samples, 'usable') ?? numberOf(layout, samples, 'mem_unused');
    if (spare === null) return held('neither usable nor mem_unused of this guest is known');
    const least = Math.min(cur, Math.ceil(sizeAtReport(samples, layout, cur) - spare + settings.headroomKib));
    if (to < least) {
      notes.push(
        `raised from ${to} to ${least}: the guest could use ${spare} more at once and keeps a headroom of ${settings.headroomKib}`,
      );
      to = least;
    }
  }
  if (cur - to >= BALLOON_PAGE_KIB) return { kind: 'move', from: cur, to, notes };
  return notes.length > 0 ? held(notes.join('; ')) : { kind: 'unchanged', why: `it has ${cur} already` };
}

/**
 * The largest size that the guest may have had when it made its present report: figures that are older than the last
 * decisions do not know what these took. KiB.
 */
function sizeAtReport(samples: readonly Sample[], layout: Layout, cur: number): number {
  const report = numberOf(layout, samples, 'last_update');
  let largest = cur;
  for (let back = 1; back < samples.length; back++) {
    largest = Math.max(largest, numberOf(layout, samples, 'balloon_cur', back) ?? 0);
    // The report was made after this sample, so with a size between it and the next.
    if (report === null || numberOf(layout, samples, 'last_update', back) !== report) break;
  }
  return largest;
}

function grow(wanted: number, cur: number, max: number): Verdict {
  const to = Math.min(wanted, max);
  if (to - cur < BALLOON_PAGE_KIB) return { kind: 'unchanged', why: `it has ${cur} already, of ${max} at most` };
  const notes = wanted > max ? [`lowered from ${wanted} to ${max}: the balloon_max of this guest`] : [];
  return { kind: 'move', from: cur, to, notes };
}

function notRunning(samples: readonly Sample[], layout: Layout): string | null {
  if (!layout.index.has('state')) return null;
  const state = fieldOf(layout, samples, 'state');
  return RUNNING.has(state) ? null : `the guest is not running: ${String(state ?? 'its state is not known')}`;
}

function notReporting(samples: readonly Sample[], layout: Layout, maxStatsAgeMs: number): string | null {
  const ageS = numberOf(layout, samples, 'stats_age');
  if (ageS === null) return 'its balloon driver has never reported statistics';
  // Below zero the clock of the host was set back, and the age says as little as a high one does.
  if (Math.abs(ageS) * 1000 <= maxStatsAgeMs) return null;
  return `its statistics are ${Math.round(ageS)} s old, and ${maxStatsAgeMs / 1000} s is the most: they have stopped moving`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}
