import { describe, expect, it } from 'vitest';
import { compareJudgements } from '../../../src/engine/shadow-compare.ts';
import { ShadowTotals } from '../../../src/engine/shadow-totals.ts';
import type { GuestRef, PolicyScalar } from '../../../src/model/control.ts';
import type { Action, Held } from '../../../src/model/decision.ts';
import type { Judgement } from '../../../src/model/interval-report.ts';
import { uuidOf } from '../../support/builders.ts';

const GIB = 1024 ** 2;
const HOUR_MS = 3_600_000;
const [a, b] = [1, 2].map((number): GuestRef => ({ name: `guest-${number}`, uuid: uuidOf(number) })) as [
  GuestRef,
  GuestRef,
];

function action(guest: GuestRef | null, from: PolicyScalar, to: PolicyScalar, control?: string): Action {
  return {
    ...{ controller: 'test', control: control ?? (guest === null ? 'ksm_run' : 'balloon_target'), guest, from, to },
    ...{ message: `to ${String(to)}`, reason: `because ${String(to)}`, position: null, notes: [] },
  };
}

function held(guest: GuestRef | null, guard?: string, kind: Held['kind'] = 'held'): Held {
  const of = { controller: 'test', control: guest === null ? 'ksm_run' : 'balloon_target', guest };
  return { kind, ...of, wanted: 1, why: 'so', ...(guard !== undefined && { guard }) };
}

function judged(actions: readonly Action[], held: readonly Held[] = [], evaluated = true): Judgement {
  return { evaluated, decision: { requests: [], errors: [] }, plan: { actions, held } };
}

describe('a comparison', () => {
  it.each<[string, readonly Action[], readonly Action[], readonly [string, PolicyScalar, PolicyScalar][]]>([
    ['same values', [action(a, 8, 4)], [action(a, 8, 4)], []],
    ['more', [action(a, 8, 4)], [action(a, 8, 6)], [['more', 4, 6]]],
    ['less', [action(a, 8, 4)], [action(a, 8, 2)], [['less', 4, 2]]],
    ['only the shadow', [], [action(a, 8, 2)], [['only_shadow', 8, 2]]],
    ['only the policy', [action(a, 8, 4)], [], [['only_policy', 4, 8]]],
    ['a kept value that is unknown', [], [action(a, null, 2)], [['only_shadow', null, 2]]],
    ['texts', [action(a, 'x', 'y', 'mode')], [action(a, 'x', 'z', 'mode')], [['other', 'y', 'z']]],
    ['equal lists', [action(a, null, [1, 2], 'set')], [action(a, null, [1, 2], 'set')], []],
    ['a setting of the host', [action(null, 0, 1)], [], [['only_policy', 1, 0]]],
  ])('finds %s', (_what, ofPolicy, ofShadow, expected) => {
    const { differences, same } = compareJudgements(0, judged(ofPolicy), judged(ofShadow));
    expect(differences.map((each) => [each.class, each.policy, each.shadow])).toEqual(expected);
    expect([...same.values()].reduce((sum, times) => sum + times, 0)).toBe(expected.length === 0 ? 1 : 0);
  });

  it('counts what both left as it is, once for each control that one of them asked for', () => {
    const { differences, same } = compareJudgements(
      0,
      judged([], [held(a, 'pain'), held(a, 'rhythm'), held(b, undefined, 'unchanged')]),
      judged([], [held(a, 'pain'), held(null)]),
    );
    expect(differences).toEqual([]);
    expect(same).toEqual(new Map([['balloon_target', 2], ['ksm_run', 1]])); // prettier-ignore
  });

  it('counts holds by guard, and not what was unchanged', () => {
    const { holds } = compareJudgements(
      0,
      judged([], [held(a, 'pain'), held(b, 'pain'), held(b, undefined, 'unchanged')]),
      judged([], [held(a, 'pain'), held(b)]),
    );
    expect(holds).toEqual(new Map([['pain', { policy: 2, shadow: 1 }], ['', { policy: 0, shadow: 1 }]])); // prettier-ignore
  });

  it('has the reasons of both', () => {
    const [found] = compareJudgements(0, judged([action(a, 8, 4)]), judged([action(a, 8, 6)])).differences;
    expect(found).toMatchObject({ policyReason: 'because 4', shadowReason: 'because 6' });
  });
});

/** Adds intervals of five minutes each: what the policy and the shadow set in it; null: they were not evaluated. */
function totalsOf(...intervals: readonly (readonly [readonly Action[], readonly Action[]] | null | 'skip')[]) {
  const totals = new ShadowTotals();
  for (const [at, each] of intervals.entries()) {
    const timeMs = (at * HOUR_MS) / 12;
    if (each === 'skip') totals.skip(timeMs);
    else totals.add(timeMs, each && compareJudgements(timeMs, judged(each[0]), judged(each[1])));
  }
  return totals;
}

describe('totals', () => {
  const more: readonly [readonly Action[], readonly Action[]] = [[action(a, 8 * GIB, 4 * GIB)], []];
  const none: readonly [readonly Action[], readonly Action[]] = [[], []];

  it('add up a difference until the next evaluation, over intervals without one', () => {
    const totals = totalsOf(more, null, null, none, null);
    expect(totals.summary()).toMatchObject({
      ...{ sinceMs: 0, untilMs: HOUR_MS / 3, evaluations: 2, differing: 1, skipped: 0 },
      moreKibMs: (4 * GIB * HOUR_MS) / 4,
      lessKibMs: 0,
      guests: [{ guest: a, differing: 1, moreKibMs: (4 * GIB * HOUR_MS) / 4, largest: { timeMs: 0, policy: 4 * GIB } }],
    });
    expect(totals.openKib).toEqual({ moreKib: 0, lessKib: 0 });
    expect(totalsOf(more).openKib).toEqual({ moreKib: 4 * GIB, lessKib: 0 });
  });

  it('keep more and less apart', () => {
    const totals = totalsOf([[action(a, 8, 4)], [action(b, 8, 2)]], null);
    expect(totals.openKib).toEqual({ moreKib: 4, lessKib: 6 });
    expect(totals.summary()).toMatchObject({ moreKibMs: 4 * 300_000, lessKibMs: 6 * 300_000 });
  });

  it('know nothing after an evaluation that was left out', () => {
    expect(totalsOf(more, 'skip', null).summary()).toMatchObject({ skipped: 1, moreKibMs: 4 * GIB * 300_000 });
  });

  it('count a gap, or a clock that was set, as five minutes at most', () => {
    const totals = totalsOf(more);
    totals.add(24 * HOUR_MS, null);
    totals.add(HOUR_MS, null);
    expect(totals.summary().moreKibMs).toBe(4 * GIB * 300_000);
  });

  it('end a difference when the guards alone set both to the same size', () => {
    const totals = totalsOf(more);
    const both = judged([action(a, 4, 8)], [], false);
    totals.add(1000, compareJudgements(1000, both, both));
    expect(totals.openKib).toEqual({ moreKib: 0, lessKib: 0 });
    expect(totals.summary().evaluations).toBe(1);
  });

  it('show the guests that differ most, and the last difference of each setting of the host', () => {
    const totals = totalsOf(
      [[], [action(a, 8, 7), action(b, 8, 4), action(null, 0, 1)]],
      [[], [action(a, 8, 2), action(null, 0, 1)]],
      null,
    );
    const { guests, settings, controls } = totals.summary();
    expect(guests.map(({ guest, differing, largest }) => [guest, differing, largest.shadow])).toEqual([
      [a, 2, 2],
      [b, 1, 4],
    ]);
    expect(settings).toMatchObject([{ control: 'ksm_run', timeMs: 300_000, policy: 0, shadow: 1 }]);
    expect(controls.map(({ control, only_shadow: times }) => [control, times])).toEqual([
      ['balloon_target', 3],
      ['ksm_run', 2],
    ]);
    expect(totals.guest(b.uuid)).toMatchObject({ lessKibMs: 4 * 300_000 });
    expect(totals.guest(uuidOf(9))).toBeNull();
  });

  it('remember a thousand guests, those that differed most', () => {
    const totals = new ShadowTotals();
    for (let number = 1; number <= 2000; number += 1) {
      const guest = { name: `g${number}`, uuid: uuidOf(number) };
      totals.add(number, compareJudgements(number, judged([]), judged([action(guest, 10_000, 10_000 - number)])));
    }
    const known = Array.from({ length: 2000 }, (_, at) => totals.guest(uuidOf(at + 1))).filter((each) => each !== null);
    expect(known.length).toBeLessThanOrEqual(1250);
    expect(totals.guest(uuidOf(2000))).not.toBeNull();
    expect(totals.summary().guests).toHaveLength(10);
  });
});
