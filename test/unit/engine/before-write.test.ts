import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { inputLater, inputWith, requestOf, tooOld, verdictOf } from '../../../src/engine/before-write.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { plan } from '../../../src/engine/plan.ts';
import type { Action } from '../../../src/model/decision.ts';
import { defineGuard } from '../../../src/plugin/guard.ts';
import type { PolicyInput } from '../../../src/model/snapshot.ts';
import { inputOf, planOf, requestOf as asked, settingsWith, type Fields } from '../../support/planning.ts';

const HAS = 1_000_000;
const before: Fields = {
  balloon_cur: HAS,
  balloon_max: 2_000_000,
  balloon_min: 0,
  mem_unused: 600_000,
  usable: 600_000,
  last_update: 100,
  state: 'running',
  job: 'none',
  stats_age: 4,
};
const settings = settingsWith({ headroom: 65_536 }, { jobs: { enabled: true } });
const inputFrom = (...samples: Fields[]): PolicyInput => inputOf({}, [{ number: 1, samples }]);

/** The verdict on the action for a target when these fields have changed meanwhile, and the guest was read again. */
function onFresh(target: number, changes: Fields) {
  const input = inputFrom(before);
  const action = planOf(balloon, [asked('balloon_target', target, 1)], input, settings).actions[0]!;
  const fresh = inputFrom(before, { ...before, last_update: 105, ...changes }).guests[0]!;
  const verdict = verdictOf(action, planOf(balloon, [requestOf(action, undefined)], inputWith(input, fresh), settings));
  return 'held' in verdict ? verdict.held : { to: verdict.action.to, notes: verdict.action.notes };
}

describe('an action on fresh statistics', () => {
  it('is written as it is while it holds', () => {
    expect(onFresh(700_000, {})).toEqual({ to: 700_000, notes: [] });
    expect(onFresh(1_500_000, {})).toEqual({ to: 1_500_000, notes: [] });
  });

  it.each([
    ['the guest uses its memory by now', 700_000, { usable: 10_000 }, /headroom/],
    ['it is at its floor by now', 700_000, { balloon_cur: 500_000 }, /at its floor|it already has 500000/],
    ['it is paused', 700_000, { state: 'paused' }, /not running: paused/],
    ['it is being migrated', 700_000, { job: 'migration' }, /is being migrated/],
    ['its statistics have stopped', 1_500_000, { stats_age: 61 }, /61 s old \(limit 60 s\)/],
    ['it is smaller than its target by now', 700_000, { balloon_cur: 600_000 }, /it already has 600000/],
    ['it is larger than its target by now', 1_500_000, { balloon_cur: 1_600_000 }, /it already has 1600000/],
    ['it has its target by now', 700_000, { balloon_cur: 700_000 }, /it already has 700000/],
  ])('is held back when %s', (_, target, changes, why) => {
    expect(onFresh(target, changes)).toMatch(why);
  });

  it('is weakened where the guards permit less by now', () => {
    expect(onFresh(700_000, { usable: 265_536 })).toEqual({
      to: 800_000,
      notes: [expect.stringMatching(/^raised from 700000 to 800000: /)],
    });
    expect(onFresh(1_500_000, { balloon_max: 1_400_000 })).toMatchObject({ to: 1_400_000 });
  });
});

describe('an action a moment later', () => {
  it('is judged by the age that the statistics have then', () => {
    const input = inputFrom({ ...before, stats_age: 59.5 });
    const [action] = planOf(balloon, [asked('balloon_target', 700_000, 1)], input, settings).actions;
    const after = (ms: number) =>
      verdictOf(
        action!,
        planOf(balloon, [requestOf(action!, undefined)], inputLater(input, input.guests[0]!, ms), settings),
      );
    expect(after(400)).toEqual({ action });
    expect(after(1600)).toMatchObject({ held: expect.stringMatching(/61 s old/) as string });
  });

  it('is too old when its decision is', () => {
    expect(tooOld(10_000, 10_000)).toBeNull();
    expect(tooOld(76_000, 10_000)).toBe('decided 76.0 s ago (limit 10 s); the next evaluation decides anew');
  });
});

describe('an action that a guard looks at with a request of its own', () => {
  const input = inputFrom(before);
  const [shrink, grow] = [700_000, 1_500_000].map(
    (target) => planOf(balloon, [asked('balloon_target', target, 1)], input, settings).actions[0]!,
  );
  /** The plan when a guard asks for this size of every guest. */
  const relieved = (action: Action, value: number) => {
    const guard = defineGuard({
      name: 'relief',
      doc: '',
      relieve: (_, { guests: [guest] }) => [{ name: 'balloon_target', guest: guest!, value, reason: 'it is in pain' }],
    });
    const decision = { requests: [requestOf(action, undefined)] };
    return plan({ guards: [guard], controllers: [balloon] }, decision, input, settings);
  };

  it('is held back when that goes the other way', () => {
    expect(verdictOf(shrink!, relieved(shrink!, 1_800_000))).toEqual({
      held: 'no longer holds: the guard relief requests 1800000 instead: it is in pain',
    });
  });

  it('goes no further than it was decided', () => {
    expect(verdictOf(grow!, relieved(grow!, 1_800_000))).toEqual({ action: grow });
    expect(verdictOf(grow!, relieved(grow!, 1_200_000))).toMatchObject({ action: { to: 1_200_000, guard: 'relief' } });
  });
});

describe('an action for which nothing has changed', () => {
  it('is written as it is, with all guards and whatever the guests and requests are', () => {
    const kib = fc.integer({ min: 300_000, max: 4_000_000 });
    const guest = fc.record({
      max: kib,
      share: fc.double({ min: 0.2, max: 1, noNaN: true }),
      usable: kib,
      target: kib,
    });
    const host = fc.record({
      mem_allocatable: fc.integer({ min: 0, max: 20_000_000 }),
      mem_ordinary: fc.constant(30_000_000),
    });
    const all = defaultConfig().pluginSettings;
    fc.assert(
      fc.property(fc.array(guest, { minLength: 1, maxLength: 5 }), host, (guests, hostFields) => {
        const whole = inputOf(
          hostFields,
          guests.map(({ max, share, usable }, at) => {
            const cur = Math.floor(max * share);
            const sizes = { balloon_cur: cur, balloon_max: max, usable: Math.min(usable, cur), mem_available: cur };
            return { number: at + 1, samples: [{ ...before, ...sizes, mem_unused: Math.min(usable, cur) }] };
          }),
        );
        const requests = guests.map(({ target }, at) => asked('balloon_target', target, at + 1));
        for (const action of planOf(balloon, requests, whole, all).actions) {
          const own = whole.guests.find(({ uuid }) => uuid === action.guest!.uuid)!;
          const request = requestOf(
            action,
            requests.find(({ guest: of }) => of!.uuid === own.uuid),
          );
          for (const later of [inputLater(whole, own, 0), inputWith(whole, own)])
            expect(verdictOf(action, planOf(balloon, [request as never], later, all))).toEqual({ action });
        }
      }),
      { numRuns: 500 },
    );
  });
});
