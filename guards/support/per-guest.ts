import { isSameRun } from '../../src/model/guest-run.ts';
import type { GuestView, Props } from '../../src/model/snapshot.ts';
import type { Seen } from '../../src/plugin/recollection.ts';
import { NOBODY, successionTo, type Roster } from './roster.ts';

/** What is remembered of a guest that is absent for longer is dropped: libvirtd restarts, guests hang, milliseconds. */
const ABSENT_FOR_MS = 600_000;

/** What is remembered of a guest that is not in the last snapshot. */
interface Kept<Memory> {
  /** The run of the guest that it belongs to: a restart begins anew. */
  readonly run: Props;
  readonly seenMs: number;
  readonly memory: Memory;
}

/** What is remembered of each guest. */
export interface PerGuest<Memory> {
  /** The guests of the last snapshot, and the time of that. */
  readonly roster: Roster;
  readonly seenMs: number;
  /** By the guest's place in the roster: looking each guest up by uuid would take longer than all else. null: nothing. */
  readonly memories: readonly (Memory | null)[];
  /** By uuid. */
  readonly absent: ReadonlyMap<string, Kept<Memory>>;
}

const NO_ABSENT: ReadonlyMap<string, never> = new Map<string, never>();

/** Nothing is remembered of any guest. */
export const NO_MEMORIES: PerGuest<never> = { roster: NOBODY, seenMs: 0, memories: [], absent: NO_ABSENT };

/**
 * The memories after a snapshot.
 *
 * @param next the new memory of a guest of the snapshot, at its place in the snapshot's list; null: none, or as before when there was one
 */
export function eachGuest<Memory>(
  before: PerGuest<Memory>,
  { input, steadyMs }: Seen,
  next: (view: GuestView, known: Memory | null, at: number) => Memory | null,
): PerGuest<Memory> {
  const { now, from, left } = successionTo(input, before.roster);
  const { guests } = input;
  const memories: (Memory | null)[] = [];
  let isSame = from === null;
  for (let at = 0; at < guests.length; at++) {
    const view = guests[at]!;
    const place = from === null ? at : from[at]!;
    const known = place >= 0 ? (before.memories[place] ?? null) : returning(before, view);
    const memory = next(view, known, at) ?? known;
    if (memory !== known) isSame = false;
    memories.push(memory);
  }
  const absent =
    left.length === 0 && before.absent.size === 0 ? NO_ABSENT : absentAfter(before, left, now.places, steadyMs);
  return { roster: now, seenMs: steadyMs, memories: isSame ? before.memories : memories, absent };
}

/** What is remembered of a guest that was not in the last snapshot. */
function returning<Memory>({ absent }: PerGuest<Memory>, { uuid, props }: GuestView): Memory | null {
  if (absent.size === 0) return null;
  const kept = absent.get(uuid);
  return kept !== undefined && isSameRun(kept.run, props) ? kept.memory : null;
}

function absentAfter<Memory>(
  { roster, seenMs, memories, absent }: PerGuest<Memory>,
  left: readonly number[],
  present: ReadonlyMap<string, number>,
  steadyMs: number,
): ReadonlyMap<string, Kept<Memory>> {
  const after = new Map<string, Kept<Memory>>();
  for (const place of left) {
    const memory = memories[place] ?? null;
    if (memory !== null && steadyMs - seenMs <= ABSENT_FOR_MS)
      after.set(roster.uuids[place]!, { run: roster.runs[place]!, seenMs, memory });
  }
  for (const [uuid, kept] of absent)
    if (!present.has(uuid) && steadyMs - kept.seenMs <= ABSENT_FOR_MS) after.set(uuid, kept);
  return after;
}

/** A guest that is absent for longer touches nothing that it was promised, and lacks nothing; one that only hangs comes back sooner, milliseconds. */
export const GONE_AFTER_MS = 60_000;

/** Visits the memories of guests that are there, or were a moment ago. */
export function forEachRecent<Memory>(
  { roster, seenMs, memories, absent }: PerGuest<Memory>,
  steadyMs: number,
  absentMs: number,
  visit: (memory: Memory, uuid: string) => void,
): void {
  if (steadyMs - seenMs <= absentMs)
    for (const [at, memory] of memories.entries()) if (memory !== null) visit(memory, roster.uuids[at]!);
  for (const [uuid, kept] of absent) if (steadyMs - kept.seenMs <= absentMs) visit(kept.memory, uuid);
}

/** All memories by uuid, those of absent guests too. */
export function* allMemories<Memory>({
  roster,
  memories,
  absent,
}: PerGuest<Memory>): Iterable<readonly [string, Memory]> {
  for (const [at, memory] of memories.entries()) if (memory !== null) yield [roster.uuids[at]!, memory];
  for (const [uuid, { memory }] of absent) yield [uuid, memory];
}

export function memoryOf<Memory>({ roster, memories, absent }: PerGuest<Memory>, uuid: string): Memory | null {
  const place = roster.places.get(uuid);
  if (place !== undefined) return memories[place] ?? null;
  return absent.size === 0 ? null : (absent.get(uuid)?.memory ?? null);
}
