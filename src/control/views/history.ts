import type { Outcome } from '../../model/decision.ts';
import { guestMeant } from '../../model/guest-name.ts';
import type { DecisionEntry, Decisions, HeldFor, HistoryQuery, Holds, HoldsQuery } from '../api/guests.ts';
import type { KeptHold } from '../kept/holds.ts';
import type { Kept, KeptOutcome } from '../kept/kept.ts';
import { positionOf, refOf, scalarOf, timeText } from './plain.ts';

export function decisionsOf({ decisions }: Kept, { guest, since, until, limit }: HistoryQuery): Decisions {
  const sinceMs = since === undefined ? -Infinity : Date.parse(since);
  const untilMs = until === undefined ? Infinity : Date.parse(until);
  const isOf = filterFor(guest, () => decisions.entries.map(({ outcome }) => outcome.action.guest));
  const found = decisions.entries.filter(
    ({ timeMs, outcome }) => timeMs >= sinceMs && timeMs <= untilMs && isOf(outcome.action.guest),
  );
  return {
    ...pageOf(decisions.completeSinceMs, found.length, limit),
    decisions: found.slice(-limit).map(decisionOf),
  };
}

export function holdsOf({ holds }: Kept, { guest, guard, since, limit }: HoldsQuery): Holds {
  const sinceMs = since === undefined ? -Infinity : Date.parse(since);
  const isOf = filterFor(guest, () => holds.hour.entries.map(({ held }) => held.guest));
  const found = holds.hour.entries.filter(
    ({ lastMs, held }) => lastMs >= sinceMs && isOf(held.guest) && (guard === undefined || guard === held.guard),
  );
  // What lasts was added long ago.
  const sorted = found.toSorted((one, other) => one.lastMs - other.lastMs);
  return {
    ...pageOf(holds.hour.completeSinceMs, found.length, limit),
    holds: sorted.slice(-limit).map((hold) => heldForOf(hold, holds.hasEnded(hold))),
  };
}

export function decisionOf({ timeMs, outcome }: KeptOutcome): DecisionEntry {
  const { action, status, detail } = outcome;
  const { control, guest, from, to, reason, position, notes } = action;
  return {
    time: timeText(timeMs),
    control,
    guest: refOf(guest),
    from: scalarOf(from),
    to: scalarOf(to),
    asked_by: askedBy(action),
    reason,
    position: positionOf(position),
    notes: [...notes],
    status,
    detail,
  };
}

export function askedBy({ guard, position }: Outcome['action']): string {
  return guard ?? (position === null ? 'Ballast' : 'policy');
}

function heldForOf({ held, firstMs, lastMs, times }: KeptHold, ended: boolean): HeldFor {
  const { control, wanted, guard, why, guest } = held;
  return {
    ...{ control, wanted: scalarOf(wanted), guard: guard ?? null, why, guest: refOf(guest) },
    ...{ first: timeText(firstMs), last: timeText(lastMs), times, ended },
  };
}

type Subject = Outcome['action']['guest'];

/** @param all who can be meant */
function filterFor(wanted: string | undefined, all: () => readonly Subject[]): (guest: Subject) => boolean {
  if (wanted === undefined) return () => true;
  const isMeant = guestMeant(wanted, all());
  return (guest) => guest !== null && isMeant(guest);
}

function pageOf(completeSinceMs: number | null, found: number, limit: number) {
  return { complete_since: completeSinceMs === null ? null : timeText(completeSinceMs), more: found > limit };
}
