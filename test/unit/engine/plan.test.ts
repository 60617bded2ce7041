import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/engine/plan.ts';
import type { PolicyScalar } from '../../../src/model/control.ts';
import type { Action, GuardedRequest } from '../../../src/model/decision.ts';
import type { Controller } from '../../../src/plugin/controller.ts';
import type { Guard, Ruling } from '../../../src/plugin/guard.ts';
import { inputOf, requestOf } from '../../support/planning.ts';

/** Plans an action for each request of its control; holds back values below zero. */
const controller = (name: string, control: string): Controller => ({
  name,
  controls: [{ name: control, scope: 'host', type: 'number', unit: 'none', doc: '', source: '' }],
  plan: (requests) => ({
    actions: requests.flatMap(({ guest, value, reason, position, notes, guard: by }) =>
      Number(value) < 0
        ? []
        : [
            {
              ...{ controller: name, control, guest, from: 0, to: value, message: `to ${value}` },
              ...{ reason, position, notes, ...(by !== undefined && { guard: by }) },
            },
          ],
    ),
    held: requests
      .filter(({ value }) => Number(value) < 0)
      .map(({ guest, asked }) => ({ kind: 'held', controller: name, control, guest, wanted: asked, why: 'negative' })),
  }),
  describe: ({ to }) => `to ${String(to)}`,
  create: () => {
    throw new Error('not in this test');
  },
});

const CONTROLLERS = [controller('first', 'a'), controller('second', 'b')];

const guard = (name: string, rules: Pick<Guard, 'relieve' | 'beforePlan' | 'afterPlan'>): Guard => ({
  name,
  doc: '',
  ...rules,
});

const each = <T>(subjects: readonly T[], rule: (subject: T) => Ruling | null) =>
  new Map(
    subjects.flatMap((subject) => {
      const ruling = rule(subject);
      return ruling === null ? [] : [[subject, ruling] as const];
    }),
  );

const planFor = (guards: readonly Guard[], wanted: readonly (readonly [string, PolicyScalar])[]) =>
  plan(
    { guards, controllers: CONTROLLERS },
    { requests: wanted.map(([name, value]) => requestOf(name, value)), errors: [] },
    inputOf({}),
    {},
  );

describe('a plan', () => {
  it("combines the controllers' plans for their own requests, in their order", () => {
    const { actions, held } = planFor([], [['b', 1], ['a', 2], ['b', 3]]); // prettier-ignore
    expect(actions.map(({ controller: name, to }) => [name, to])).toEqual([
      ['first', 2],
      ['second', 1],
      ['second', 3],
    ]);
    expect(held).toEqual([]);
  });

  it('holds back a request without a controller', () => {
    expect(planFor([], [['c', 1]])).toMatchObject({
      actions: [],
      held: [{ controller: 'none', control: 'c', wanted: 1, why: expect.stringContaining('no active controller') }],
    });
  });
});

describe('a guard before the plans', () => {
  it('sees the requests for all controllers, as changed by the guards before it', () => {
    const seen: unknown[] = [];
    const look = guard('look', {
      beforePlan: (requests) => (seen.push(requests.map(({ name, value, asked }) => [name, value, asked])), new Map()),
    });
    const double = guard('double', {
      beforePlan: (requests) =>
        each(requests, ({ value }) => ({ kind: 'change', value: Number(value) * 2, notes: ['doubled'] })),
    });
    planFor([look, double, look], [['b', 1], ['a', 2]]); // prettier-ignore
    expect(seen).toEqual([
      [['b', 1, 1], ['a', 2, 2]], // prettier-ignore
      [['b', 2, 1], ['a', 4, 2]], // prettier-ignore
    ]);
  });

  it('changes a request and adds a note after the earlier notes', () => {
    const add = (name: string) =>
      guard(name, {
        beforePlan: (requests) =>
          each(requests, ({ value }) => ({ kind: 'change', value: Number(value) + 1, notes: [name] })),
      });
    expect(planFor([add('x'), add('y')], [['a', 1]]).actions).toMatchObject([{ to: 3, notes: ['x', 'y'] }]);
  });

  it('holds a request back, with the requested value and the name of its controller', () => {
    const change = guard('change', { beforePlan: (all) => each(all, () => ({ kind: 'change', value: 7, notes: [] })) });
    const hold = guard('hold', { beforePlan: (all) => each(all, () => ({ kind: 'hold', why: 'not today' })) });
    expect(planFor([change, hold], [['b', 1]])).toMatchObject({
      actions: [],
      held: [{ kind: 'held', controller: 'second', control: 'b', wanted: 1, why: 'not today' }],
    });
  });

  it('cannot rule on a request that it was not given', () => {
    const stranger = guard('stranger', {
      beforePlan: (all) => new Map(all.map((request) => [{ ...request }, { kind: 'hold', why: '' } as const])),
    });
    expect(() => planFor([stranger], [['a', 1]])).toThrow('a guard returned a ruling for an unknown subject');
  });
});

describe('a guard that adds requests', () => {
  const add = (name: string, control: string, value: number) =>
    guard(name, { relieve: () => [{ name: control, guest: null, value, reason: `because of ${name}` }] });

  it('has them planned under its own name, after the rulings of all guards', () => {
    const less = guard('less', {
      beforePlan: (all) => each(all, () => ({ kind: 'change', value: 1, notes: ['made less'] })),
    });
    const { actions } = planFor([less, add('pain', 'a', 5)], []);
    expect(actions).toMatchObject([{ to: 1, reason: 'because of pain', position: null, guard: 'pain', notes: ['made less'] }]); // prettier-ignore
  });

  it('takes the place of the policy for the same control, which is held back with the reason', () => {
    const { actions, held } = planFor([add('pain', 'a', 5)], [['a', 7], ['b', 8]]); // prettier-ignore
    expect(actions.map(({ control, to }) => [control, to])).toEqual([
      ['a', 5],
      ['b', 8],
    ]);
    expect(held).toMatchObject([
      { control: 'a', wanted: 7, why: 'the guard pain requests 5 instead: because of pain' },
    ]);
  });

  it('sees what the guards before it added, and replaces it too', () => {
    let seen: unknown;
    const look = guard('look', { relieve: (requests) => ((seen = requests.map(({ value }) => value)), []) });
    const { actions } = planFor([add('first', 'a', 5), look, add('second', 'a', 6)], []);
    expect(seen).toEqual([5]);
    expect(actions).toMatchObject([{ to: 6, guard: 'second' }]);
  });

  it('adds nothing for a control that no controller handles', () => {
    expect(planFor([add('pain', 'c', 5)], [])).toEqual({ actions: [], held: [] });
  });
});

describe('a guard after the plans', () => {
  it('sees the actions of all controllers in the order in which they are applied', () => {
    let seen: readonly Action[] = [];
    const look = guard('look', { afterPlan: (actions) => ((seen = actions), new Map()) });
    planFor([look], [['b', 1], ['a', -1], ['a', 2]]); // prettier-ignore
    expect(seen.map(({ control, to }) => [control, to])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  it('changes an action and its log message', () => {
    const least = guard('least', {
      afterPlan: (actions) => each(actions, () => ({ kind: 'change', value: 1, notes: ['made less'] })),
    });
    expect(planFor([least], [['a', 5]]).actions).toMatchObject([{ to: 1, message: 'to 1', notes: ['made less'] }]);
  });

  it('holds an action back', () => {
    const hold = guard('hold', {
      afterPlan: (actions) => each(actions, ({ control }) => (control === 'a' ? { kind: 'hold', why: 'no' } : null)),
    });
    const { actions, held } = planFor([hold], [['a', 5], ['b', 6]]); // prettier-ignore
    expect(actions).toMatchObject([{ control: 'b' }]);
    expect(held).toMatchObject([{ controller: 'first', control: 'a', wanted: 5, why: 'no' }]);
  });
});

it('every request becomes one action or is held back once, whatever guards rule', () => {
  const ruling = fc.oneof(
    fc.constant(null),
    fc.record({ kind: fc.constant('hold' as const), why: fc.string() }),
    fc.record({ kind: fc.constant('change' as const), value: fc.integer(), notes: fc.array(fc.string()) }),
  );
  const rules = fc.array(ruling, { minLength: 1, maxLength: 5 });
  const requests = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer()), { maxLength: 8 });
  fc.assert(
    fc.property(requests, fc.array(rules, { maxLength: 3 }), (wanted, all) => {
      const turn = <T>(of: readonly (Ruling | null)[], subjects: readonly T[]) =>
        new Map(
          subjects.flatMap((subject, at) => {
            const one = of[at % of.length]!;
            return one === null ? [] : [[subject, one] as const];
          }),
        );
      const guards = all.map((of, at) =>
        at % 2 === 0
          ? guard(`${at}`, { beforePlan: (subjects: readonly GuardedRequest[]) => turn(of, subjects) })
          : guard(`${at}`, { afterPlan: (subjects: readonly Action[]) => turn(of, subjects) }),
      );
      const { actions, held } = planFor(guards, wanted);
      expect(actions.length + held.length).toBe(wanted.length);
    }),
  );
});
