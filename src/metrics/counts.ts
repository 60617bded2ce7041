import type { ControlRequest, PolicyScalar } from '../model/control.ts';
import type { Layout } from '../model/field.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import { numberOf } from '../model/sample.ts';
import type { ShadowInterval } from '../model/shadow.ts';
import type { Labels } from './registry.ts';
import type { CounterName, DECISION_CLASSES, LabelsOf } from './table.ts';

/** What an interval adds to a counter. */
export interface Count {
  readonly name: CounterName;
  readonly labels: Labels;
  readonly by: number;
}

type DecisionClass = (typeof DECISION_CLASSES)[number];

/** The label `policy` of an error that is not at a place in a file. */
const NO_FILE = '';

/** The label `guard` of what no guard held back. */
export const NO_GUARD = '';

/** What an interval adds to the counters. Pure. */
export function countsOf(report: IntervalReport, guestLayout: Layout): readonly Count[] {
  const { snapshot, judgement, outcomes, released = [] } = report;
  const counts = new Counts();
  counts.add('ballast_intervals_total', {});
  for (const { collector } of snapshot.problems) counts.add('ballast_collect_problems_total', { collector });
  for (const { action, status } of [...released, ...outcomes])
    counts.add('ballast_writes_total', { control: action.control, outcome: status });
  if (judgement === null) return counts.all();
  const { decision, plan, evaluated } = judgement;
  if (evaluated) counts.add('ballast_evaluations_total', {});
  for (const { position } of decision.errors)
    counts.add('ballast_policy_errors_total', { policy: position?.file ?? NO_FILE });
  const sizes = new Map(
    snapshot.guests.map(({ uuid, sample }) => [uuid, numberOf(guestLayout, [sample], 'balloon_cur')]),
  );
  const classOf = (guest: ControlRequest['guest'], to: PolicyScalar): DecisionClass =>
    guest === null ? 'set' : changeOf(sizes.get(guest.uuid) ?? null, to);
  for (const { name: control, guest, value, position } of decision.requests)
    counts.add('ballast_decisions_total', { policy: position.file, control, class: classOf(guest, value) });
  for (const { guard, control, guest, to } of plan.actions)
    if (guard !== undefined) counts.add('ballast_guard_actions_total', { guard, control, class: classOf(guest, to) });
  for (const { kind, guard = NO_GUARD, control } of plan.held)
    if (kind === 'held') counts.add('ballast_holds_total', { guard, control });
  return counts.all();
}

/** What a comparison with a shadow adds to the counters. Pure. */
export function shadowCountsOf({ comparison, skipped }: ShadowInterval): readonly Count[] {
  const counts = new Counts();
  if (skipped) counts.add('ballast_shadow_skipped_total', {});
  if (comparison === null) return counts.all();
  const { evaluated, same, differences, holds, errors } = comparison;
  if (evaluated) counts.add('ballast_shadow_evaluations_total', {});
  for (const [control, times] of same) counts.add('ballast_shadow_decisions_total', { control, class: 'same' }, times);
  for (const { control, class: kind } of differences)
    counts.add('ballast_shadow_decisions_total', { control, class: kind });
  for (const [guard, { shadow }] of holds) if (shadow > 0) counts.add('ballast_shadow_holds_total', { guard }, shadow);
  for (const { position } of errors)
    counts.add('ballast_shadow_policy_errors_total', { policy: position?.file ?? NO_FILE });
  return counts.all();
}

function changeOf(curKib: number | null, to: PolicyScalar): DecisionClass {
  if (typeof to !== 'number' || curKib === null || to === curKib) return 'keep';
  return to > curKib ? 'grow' : 'shrink';
}

/** One entry for each series: with a thousand guests, most counts are the same. */
class Counts {
  readonly #all = new Map<string, { name: CounterName; labels: Labels; by: number }>();

  add<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    const key = `${name}\0${Object.values(labels).join('\0')}`;
    const known = this.#all.get(key);
    if (known === undefined) this.#all.set(key, { name, labels, by });
    else known.by += by;
  }

  all(): readonly Count[] {
    return [...this.#all.values()];
  }
}
