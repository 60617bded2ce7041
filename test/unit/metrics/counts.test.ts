import { describe, expect, it } from 'vitest';
import { countsOf, shadowCountsOf } from '../../../src/metrics/counts.ts';
import type { Action, Outcome } from '../../../src/model/decision.ts';
import type { IntervalReport } from '../../../src/model/interval-report.ts';
import type { ShadowComparison } from '../../../src/model/shadow.ts';
import { METRIC_LAYOUTS, metricsReport } from '../../support/metrics.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';

const POSITION = { file: 'a.policy', line: 1, column: 1 };
const guest = (number: number) => ({ name: `guest-${number}`, uuid: uuidOf(number) });
const ask = (number: number | null, value: number | string) => ({
  ...{ value, reason: null, position: POSITION },
  name: number === null ? 'ksm_run' : 'balloon_target',
  guest: number === null ? null : guest(number),
});
const action = (number: number, to: number, guard?: string): Action => ({
  ...{ controller: 'balloon', control: 'balloon_target', guest: guest(number), from: 100, to, message: '' },
  ...{ reason: null, position: null, notes: [] },
  ...(guard !== undefined && { guard }),
});
const outcome = (number: number, status: Outcome['status']): Outcome => ({
  ...{ action: action(number, 1), status, detail: null },
});

/** By name and labels. */
function counted(changes: Partial<IntervalReport>): Record<string, number> {
  const report = metricsReport({
    snapshot: snapshot(0, [1, 2, 3, 4].map((number) => guestSnapshot(number, [100])), []), // prettier-ignore
    ...changes,
  });
  return Object.fromEntries(
    countsOf(report, METRIC_LAYOUTS.guest).map(({ name, labels, by }) => [
      `${name.replace('ballast_', '')} ${Object.values(labels).join(' ')}`.trim(),
      by,
    ]),
  );
}

const NO_PLAN = { actions: [], held: [] };

describe('what an interval counts', () => {
  it('is the interval alone when nothing was due', () => {
    expect(counted({})).toEqual({ intervals_total: 1 });
  });

  it('is the writes of a release since the interval before, too', () => {
    const released = [outcome(1, 'done'), outcome(2, 'refused')];
    expect(counted({ released, outcomes: [outcome(3, 'done')] })).toEqual({
      intervals_total: 1,
      'writes_total balloon_target done': 2,
      'writes_total balloon_target refused': 1,
    });
  });

  it('is each request by what it would do, whatever its reason says', () => {
    const requests = [ask(1, 99), ask(2, 101), ask(3, 100), ask(4, 'x'), ask(9, 5), ask(null, 1)];
    const judgement = { evaluated: true, decision: { requests, errors: [] }, plan: NO_PLAN };
    expect(counted({ judgement })).toEqual({
      intervals_total: 1,
      evaluations_total: 1,
      'decisions_total a.policy balloon_target shrink': 1,
      'decisions_total a.policy balloon_target grow': 1,
      'decisions_total a.policy balloon_target keep': 3,
      'decisions_total a.policy ksm_run set': 1,
    });
  });

  it('is errors by file, holds and added actions by guard, writes by outcome', () => {
    const error = { phase: 'eval', message: 'x', position: POSITION, guest: null } as const;
    const held = { controller: 'balloon', control: 'balloon_target', guest: guest(1), wanted: 1, why: 'x' };
    const judgement = {
      evaluated: true,
      decision: { requests: [], errors: [error, error, { ...error, position: null }] },
      plan: {
        actions: [action(1, 200, 'pain'), action(2, 50)],
        held: [
          { kind: 'held' as const, ...held, guard: 'rhythm' },
          { kind: 'held' as const, ...held },
          { kind: 'unchanged' as const, ...held, guard: 'stuck' },
        ],
      },
    };
    const outcomes = [outcome(1, 'done'), outcome(2, 'done'), outcome(3, 'refused')];
    expect(counted({ judgement, outcomes })).toEqual({
      intervals_total: 1,
      evaluations_total: 1,
      'policy_errors_total a.policy': 2,
      policy_errors_total: 1,
      'guard_actions_total pain balloon_target grow': 1,
      'holds_total rhythm balloon_target': 1,
      'holds_total  balloon_target': 1,
      'writes_total balloon_target done': 2,
      'writes_total balloon_target refused': 1,
    });
  });

  it('is no evaluation when guards acted between two', () => {
    const judgement = {
      evaluated: false,
      decision: { requests: [], errors: [] },
      plan: { actions: [action(1, 200, 'pain')], held: [] },
    };
    expect(counted({ judgement })).not.toHaveProperty('evaluations_total');
  });

  it('is every problem of the collection, by collector', () => {
    const problems = [1, 2].map((number) => ({ collector: 'guest-memory', guest: guest(number), message: 'x' }));
    expect(counted({ snapshot: { ...snapshot(0), problems } })).toEqual({
      intervals_total: 1,
      'collect_problems_total guest-memory': 2,
    });
  });
});

describe('what a comparison with a shadow counts', () => {
  const comparison: ShadowComparison = {
    ...{ timeMs: 0, evaluated: true, same: new Map([['ksm_run', 2]]), agreed: [] },
    differences: [1, 2, 3].map((number) => ({
      ...{ control: 'balloon_target', guest: guest(number), class: number === 3 ? 'less' : 'only_shadow' },
      ...{ policy: 1, policyReason: null, shadow: 2, shadowReason: null },
    })),
    holds: new Map([
      ['pain', { policy: 3, shadow: 2 }],
      ['rhythm', { policy: 1, shadow: 0 }],
    ]),
    errors: [{ phase: 'eval', message: '', position: POSITION, guest: null }],
  };
  const shadowCounted = (of: ShadowComparison | null, skipped = false): Record<string, number> =>
    Object.fromEntries(
      shadowCountsOf({ timeMs: 0, comparison: of, skipped, moreKib: 0, lessKib: 0, tookMs: 0 }).map(
        ({ name, labels, by }) => [
          `${name.replace('ballast_shadow_', '')} ${Object.values(labels).join(' ')}`.trim(),
          by,
        ],
      ),
    );

  it('is each decision by its class, what guards held back of the shadow, and its errors', () => {
    expect(shadowCounted(comparison)).toEqual({
      evaluations_total: 1,
      'decisions_total ksm_run same': 2,
      'decisions_total balloon_target only_shadow': 2,
      'decisions_total balloon_target less': 1,
      'holds_total pain': 2,
      'policy_errors_total a.policy': 1,
    });
  });

  it('is no evaluation between two, and none that was left out', () => {
    const nothing = { ...comparison, same: new Map(), differences: [], holds: new Map(), errors: [] };
    expect(shadowCounted({ ...nothing, evaluated: false })).toEqual({});
    expect(shadowCounted(null)).toEqual({});
    expect(shadowCounted(null, true)).toEqual({ skipped_total: 1 });
  });
});
