import { isSameRun } from '../../src/model/guest-run.ts';
import type { GuestView, Props } from '../../src/model/snapshot.ts';
import type { Seen } from '../../src/plugin/recollection.ts';

/** What is remembered of a guest that is absent for longer is dropped: libvirtd restarts, guests hang, milliseconds. */
const ABSENT_FOR_MS = 600_000;

interface Kept<Memory> {
  /** The run of the guest that it belongs to: a restart begins anew. */
  readonly run: Props;
  readonly seenMs: number;
  readonly memory: Memory;
}

/** What is remembered of each guest, by its uuid. */
export type PerGuest<Memory> = ReadonlyMap<string, Kept<Memory>>;

/**
 * The memories after a snapshot.
 *
 * @param next the new memory of a guest of the snapshot; null: none, or as before when there was one
 */
export function eachGuest<Memory>(
  before: PerGuest<Memory>,
  { input, steadyMs }: Seen,
  next: (view: GuestView, known: Memory | null) => Memory | null,
): PerGuest<Memory> {
  const after = new Map<string, Kept<Memory>>();
  let present = 0;
  for (const view of input.guests) {
    const kept = before.get(view.uuid);
    if (kept !== undefined) present += 1;
    const known = kept !== undefined && isSameRun(kept.run, view.props) ? kept.memory : null;
    const memory = next(view, known) ?? known;
    if (memory !== null) after.set(view.uuid, { run: view.props, seenMs: steadyMs, memory });
  }
  // Usually nobody is absent, and copying all memories first would take as long as the rest.
  if (present < before.size) {
    const uuids = new Set(input.guests.map(({ uuid }) => uuid));
    for (const [uuid, kept] of before)
      if (!uuids.has(uuid) && steadyMs - kept.seenMs <= ABSENT_FOR_MS) after.set(uuid, kept);
  }
  return after;
}

/** The memories of guests that are there, or were a moment ago. */
export function* recentMemories<Memory>(all: PerGuest<Memory>, steadyMs: number, absentMs: number): Iterable<Memory> {
  for (const { seenMs, memory } of all.values()) if (steadyMs - seenMs <= absentMs) yield memory;
}

export function memoryOf<Memory>(all: PerGuest<Memory>, uuid: string): Memory | null {
  return all.get(uuid)?.memory ?? null;
}
