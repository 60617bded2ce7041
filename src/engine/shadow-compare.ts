import { controlKey, type GuestRef, type PolicyScalar } from '../model/control.ts';
import type { Action } from '../model/decision.ts';
import type { Judgement } from '../model/interval-report.ts';
import type { ShadowComparison, ShadowDifference, ShadowHolds } from '../model/shadow.ts';

/** The control of a guest's size. */
export const BALLOON_TARGET = 'balloon_target';

/** The decisions of a policy and of its shadow on one snapshot, after the guards, side by side. null: nothing was decided. Pure. */
export function compareJudgements(
  timeMs: number,
  policy: Judgement | null,
  shadow: Judgement | null,
): ShadowComparison {
  const same = new Map<string, number>();
  const differences: ShadowDifference[] = [];
  const agreed: string[] = [];
  const [ofPolicy, ofShadow] = [actionsIn(policy), actionsIn(shadow)];
  for (const { key, control, guest } of subjectsOf(policy, shadow)) {
    const difference = differenceOf(control, guest, ofPolicy.get(key), ofShadow.get(key));
    if (difference !== null) differences.push(difference);
    else same.set(control, (same.get(control) ?? 0) + 1);
    if (difference === null && guest !== null && control === BALLOON_TARGET && ofPolicy.has(key))
      agreed.push(guest.uuid);
  }
  return {
    ...{ timeMs, same, differences, agreed, holds: holdsOf(policy, shadow) },
    evaluated: policy?.evaluated === true && shadow?.evaluated === true,
    errors: shadow?.decision.errors ?? [],
  };
}

function actionsIn(judgement: Judgement | null): ReadonlyMap<string, Action> {
  return new Map((judgement?.plan.actions ?? []).map((action) => [controlKey(action.control, action.guest), action]));
}

interface Subject {
  readonly key: string;
  readonly control: string;
  readonly guest: GuestRef | null;
}

/** The controls of the host and of guests that one of the two asked for, whatever became of it. */
function subjectsOf(...judgements: readonly (Judgement | null)[]): Iterable<Subject> {
  const subjects = new Map<string, Subject>();
  for (const { plan } of judgements.filter((each) => each !== null)) {
    for (const { control, guest } of [...plan.actions, ...plan.held]) {
      const key = controlKey(control, guest);
      if (!subjects.has(key)) subjects.set(key, { key, control, guest });
    }
  }
  return subjects.values();
}

/** null: the same. */
function differenceOf(
  control: string,
  guest: GuestRef | null,
  policy: Action | undefined,
  shadow: Action | undefined,
): ShadowDifference | null {
  if (policy === undefined && shadow === undefined) return null;
  const both = policy !== undefined && shadow !== undefined;
  if (both && isEqual(policy.to, shadow.to)) return null;
  const sides = {
    ...{ control, guest },
    policy: policy?.to ?? shadow!.from,
    policyReason: policy?.reason ?? null,
    shadow: shadow?.to ?? policy!.from,
    shadowReason: shadow?.reason ?? null,
  };
  if (!both) return { ...sides, class: policy === undefined ? 'only_shadow' : 'only_policy' };
  const areNumbers = typeof policy.to === 'number' && typeof shadow.to === 'number';
  return { ...sides, class: areNumbers ? (shadow.to > policy.to ? 'more' : 'less') : 'other' };
}

function isEqual(one: PolicyScalar, other: PolicyScalar): boolean {
  return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other);
}

function holdsOf(policy: Judgement | null, shadow: Judgement | null): ReadonlyMap<string, ShadowHolds> {
  const holds = new Map<string, { policy: number; shadow: number }>();
  for (const [side, judgement] of [['policy', policy] as const, ['shadow', shadow] as const]) {
    for (const { kind, guard = '' } of judgement?.plan.held ?? []) {
      if (kind !== 'held') continue;
      const counts = holds.get(guard) ?? { policy: 0, shadow: 0 };
      counts[side] += 1;
      holds.set(guard, counts);
    }
  }
  return holds;
}
