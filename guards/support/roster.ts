import { isSameRun } from '../../src/model/guest-run.ts';
import type { GuestView, PolicyInput, Props } from '../../src/model/snapshot.ts';

/** The guests of a snapshot, in its order. What is remembered of them is kept in lists in this order. */
export interface Roster {
  readonly uuids: readonly string[];
  /** The run of each guest. */
  readonly runs: readonly Props[];
  /** The place of each guest in these lists, by uuid. */
  readonly places: ReadonlyMap<string, number>;
}

export const NOBODY: Roster = { uuids: [], runs: [], places: new Map() };

/** How the guests of a snapshot relate to those of the one before. */
export interface Succession {
  readonly before: Roster;
  readonly now: Roster;
  /** By place now, the place before; -1: the guest was not there, or that was another run. null: all have kept their place. */
  readonly from: readonly number[] | null;
  /** The places before of guests that are not there now. */
  readonly left: readonly number[];
}

const NONE: readonly number[] = [];

/** Many recollections ask about the same snapshot. */
const known = new WeakMap<PolicyInput, Succession>();

export function successionTo(input: PolicyInput, before: Roster): Succession {
  const last = known.get(input);
  if (last !== undefined && last.before === before) return last;
  const succession = succeed(before, input.guests);
  known.set(input, succession);
  return succession;
}

/** The place of each guest in the list of a snapshot, by uuid. */
export function placesIn(input: PolicyInput): ReadonlyMap<string, number> {
  return (known.get(input) ?? successionTo(input, NOBODY)).now.places;
}

function succeed(before: Roster, guests: readonly GuestView[]): Succession {
  if (hasSameGuests(before, guests)) {
    const isSame = guests.every(({ props }, at) => props === before.runs[at]);
    const now = isSame ? before : { ...before, runs: guests.map(({ props }) => props) };
    if (isSame || guests.every(({ props }, at) => isSameRun(before.runs[at]!, props)))
      return { before, now, from: null, left: NONE };
  }
  const now = {
    uuids: guests.map(({ uuid }) => uuid),
    runs: guests.map(({ props }) => props),
    places: new Map(guests.map(({ uuid }, at) => [uuid, at])),
  };
  const from = guests.map(({ uuid, props }) => {
    const place = before.places.get(uuid);
    return place !== undefined && isSameRun(before.runs[place]!, props) ? place : -1;
  });
  const left = [...before.places.values()].filter((place) => !now.places.has(before.uuids[place]!));
  return { before, now, from, left };
}

/** The usual case: the same guests in the same order, and none twice. */
function hasSameGuests({ uuids, places }: Roster, guests: readonly GuestView[]): boolean {
  return (
    uuids.length === guests.length &&
    places.size === guests.length &&
    guests.every(({ uuid }, at) => uuid === uuids[at])
  );
}
