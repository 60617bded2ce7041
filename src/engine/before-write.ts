import type { RequestedValue } from '../model/control.ts';
import type { Action, Plan } from '../model/decision.ts';
import type { GuestView, PolicyInput } from '../model/snapshot.ts';
import type { Verdict } from './apply.ts';

/** A decision older than this is judged on fresh statistics of its guest, milliseconds. */
export const REREAD_AFTER_MS = 2000;

/** Why a decision is too old to be written; null: it is not. */
export function tooOld(ageMs: number, maxAgeMs: number): string | null {
  if (ageMs <= maxAgeMs) return null;
  return `decided ${(ageMs / 1000).toFixed(1)} s ago (limit ${maxAgeMs / 1000} s); the next evaluation decides anew`;
}

/** An action that no policy requested has no place; a request needs one, which is not used. */
const NOWHERE = { file: '', line: 0, column: 0 } as const;

/**
 * What led to an action, for the guards to judge it again: the policy's request, which they limit as before, or their own.
 * @param asked the policy's request for this control and guest
 */
export function requestOf(
  action: Action,
  asked: RequestedValue | undefined,
): RequestedValue & { readonly guard?: string } {
  const { control, guest, to, reason, position, guard } = action;
  if (asked !== undefined && guard === undefined) return asked;
  const request = { name: control, guest, value: to, reason, position: position ?? NOWHERE };
  return guard === undefined ? request : { ...request, guard };
}

/** The input of the decision, `sinceMs` after its snapshot, with this guest only: the guards see how old its statistics are now. */
export function inputLater(input: PolicyInput, guest: GuestView, sinceMs: number): PolicyInput {
  return { ...input, guests: [guest], sinceMs };
}

/**
 * The input of the decision with fresh statistics of one guest, and no other guests: looking at all of them again before each of a
 * thousand writes would take longer than the interval.
 */
export function inputWith(input: PolicyInput, fresh: GuestView): PolicyInput {
  return { ...input, guests: [fresh] };
}

/**
 * Compares an action with the plan for its {@link requestOf} right before the write. What the guards weaken further is
 * written as they permit; what they hold back, or what would now go the other way, is not. It never goes further than decided.
 */
export function verdictOf(action: Action, { actions, held }: Plan): Verdict {
  const isOf = (each: Pick<Action, 'control' | 'guest'>): boolean =>
    each.control === action.control && each.guest?.uuid === action.guest?.uuid;
  const again = actions.find(isOf);
  if (again === undefined) {
    const why = held.find(isOf)?.why ?? 'no guard gives a reason';
    return { held: `no longer holds: ${why}` };
  }
  if (direction(again) !== direction(action))
    return { held: `no longer holds: ${held.find(isOf)?.why ?? `it already has ${String(again.from)}`}` };
  // Never further than what was decided with all the other requests.
  if (again.to === action.to ? again.from === action.from : isFurther(again, action)) return { action };
  const { position, guard } = action;
  if (guard === undefined) return { action: { ...again, position } };
  return { action: { ...again, position, guard, notes: [...action.notes, ...again.notes] } };
}

/** 1: more, -1: less; 0: not a change of a number. */
function direction({ from, to }: Action): number {
  return typeof from === 'number' && typeof to === 'number' ? Math.sign(to - from) : 0;
}

function isFurther(again: Action, action: Action): boolean {
  if (typeof again.to !== 'number' || typeof action.to !== 'number') return false;
  return direction(action) > 0 ? again.to > action.to : again.to < action.to;
}
