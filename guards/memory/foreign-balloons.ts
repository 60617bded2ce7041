import { isSameRun } from '../../src/model/guest-run.ts';
import type { Outcome } from '../../src/model/decision.ts';
import type { Layout } from '../../src/model/field.ts';
import { columnsOf, fieldOf, numberAt, numberOf } from '../../src/model/sample.ts';
import type { GuestView } from '../../src/model/snapshot.ts';
import { defineRecollection } from '../../src/plugin/recollection.ts';
import { FOREIGN_WRITERS } from '../support/foreign-settings.ts';
import { NOBODY, successionTo, type Roster } from '../support/roster.ts';

/** Smaller differences are no change: drivers give and take memory in blocks, KiB. */
const TOLERANCE_KIB = 1024;

/** A balloon that Ballast has set, and that something else has moved. Sizes in KiB. */
export interface ForeignMove {
  readonly wasKib: number;
  readonly isKib: number;
  /** The guards' time of the last such move, milliseconds. */
  readonly lastMs: number;
}

/** The sizes between which a balloon moves, from what it had to its target; all are the target when it was reached. KiB. */
interface Way {
  readonly lowKib: number;
  readonly highKib: number;
  readonly toKib: number;
}

interface KnownBalloon {
  /** Which run of the guest it is, by its props. */
  readonly run: GuestView['props'];
  readonly name: string;
  /** null: unknown. */
  readonly way: Way | null;
  readonly lastKib: number | null;
  readonly foreign: ForeignMove | null;
  /** The guards' time of the last sample of a guest that is absent, milliseconds; null: it is in the last snapshot. */
  readonly seenMs: number | null;
}

interface Balloons {
  /** Guests whose balloon Ballast has set, by uuid. */
  readonly known: ReadonlyMap<string, KnownBalloon>;
  /** All guests in the last snapshot: writes since then were to these. */
  readonly roster: Roster;
  /** The guards' time of the last snapshot, milliseconds. */
  readonly atMs: number;
}

const NOTHING: Balloons = { known: new Map(), roster: NOBODY, atMs: 0 };

/**
 * Which balloons something else has moved after Ballast had set them. A guest moves its own balloon too: it rises when the guest
 * reboots, when its driver is unloaded, and with autodeflate. So a rise counts only when it ends below the maximum, and any
 * move only when the balloon comes to rest beside the way to its target.
 */
export const foreignBalloons = defineRecollection({
  name: 'foreign-balloons',
  initial: NOTHING,
  settings: FOREIGN_WRITERS,

  next(memory, { input, outcomes, steadyMs }, settings): Balloons {
    const { now: roster } = successionTo(input, memory.roster);
    if (memory.known.size === 0 && outcomes.length === 0) return { known: memory.known, roster, atMs: steadyMs };
    const written = writtenTargets(outcomes);
    const known = new Map<string, KnownBalloon>();
    let present = 0;
    for (const guest of input.guests) {
      const { name, uuid, props: run } = guest;
      const before = memory.known.get(uuid);
      const target = written.get(uuid);
      if (before !== undefined) present += 1;
      else if (target === undefined) continue;
      const since = before?.run ?? memory.roster.runs[memory.roster.places.get(uuid) ?? -1];
      if (since === undefined || !isSameRun(since, run)) continue;
      const own = before ?? { run, name, way: null, lastKib: null, foreign: null, seenMs: null };
      known.set(uuid, follow(withTarget(own, target), guest, input.guestLayout, steadyMs));
    }
    // A guest that does not respond for a while is not a new one.
    for (const [uuid, own] of present < memory.known.size ? memory.known : []) {
      const seenMs = own.seenMs ?? memory.atMs;
      if (!roster.places.has(uuid) && steadyMs - seenMs < settings.forget_after) known.set(uuid, { ...own, seenMs });
    }
    if (settings.balloon !== 'stop')
      for (const [uuid, own] of known)
        if (own.foreign !== null && steadyMs - own.foreign.lastMs >= settings.forget_after)
          known.set(uuid, { ...own, foreign: null });
    return { known, roster, atMs: steadyMs };
  },
});

/** What else became of a request changed nothing: libvirt refuses before it asks the guest. */
const WRITTEN: ReadonlySet<Outcome['status']> = new Set(['done', 'failed', 'gone', 'pending']);

/** By uuid; null: a write whose outcome is unknown. */
function writtenTargets(outcomes: readonly Outcome[]): ReadonlyMap<string, Way | null> {
  const written = new Map<string, Way | null>();
  for (const { action, status } of outcomes) {
    const { control, guest, from, to } = action;
    if (control !== 'balloon_target' || guest === null || !WRITTEN.has(status)) continue;
    const isKnown = status === 'done' && typeof from === 'number' && typeof to === 'number';
    written.set(guest.uuid, isKnown ? { lowKib: Math.min(from, to), highKib: Math.max(from, to), toKib: to } : null);
  }
  return written;
}

/** A guest that is still on its way to an older target turns round somewhere on it. */
function withTarget(known: KnownBalloon, target: Way | null | undefined): KnownBalloon {
  if (target === undefined) return known;
  const { way } = known;
  if (target === null || way === null) return { ...known, way: target };
  const lowKib = Math.min(way.lowKib, target.lowKib);
  const highKib = Math.max(way.highKib, target.highKib);
  return { ...known, way: { lowKib, highKib, toKib: target.toKib } };
}

const columns = columnsOf(['balloon_cur']);

function follow(known: KnownBalloon, { samples }: GuestView, layout: Layout, steadyMs: number): KnownBalloon {
  const kib = numberAt(samples.at(-1), columns(layout).balloon_cur);
  const isSeen = known.lastKib === kib && known.seenMs === null;
  const seen = isSeen ? known : { ...known, lastKib: kib, seenMs: null };
  if (kib === null || known.way === null) return seen;
  const { lowKib, highKib, toKib } = known.way;
  if (isNear(kib, toKib)) return lowKib === toKib && highKib === toKib ? seen : { ...seen, way: wayOf(toKib) };
  const isOnItsWay = kib >= lowKib - TOLERANCE_KIB && kib <= highKib + TOLERANCE_KIB;
  // It may still move: a driver that is unloaded, or a guest that reboots, gives the memory back step by step.
  if (isOnItsWay || known.lastKib === null || !isNear(kib, known.lastKib)) return seen;
  const max = numberOf(layout, samples, 'balloon_max');
  if (kib > highKib && (max === null || isNear(kib, max) || fieldOf(layout, samples, 'autodeflate') === true))
    return { ...seen, way: null };
  return { ...seen, way: wayOf(kib), foreign: { wasKib: toKib, isKib: kib, lastMs: steadyMs } };
}

function wayOf(kib: number): Way {
  return { lowKib: kib, highKib: kib, toKib: kib };
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE_KIB;
}
