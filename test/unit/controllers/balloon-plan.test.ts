import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import type { PolicyScalar } from '../../../src/model/control.ts';
import { BALLOONING_OFF, RETURNS_NOTHING } from '../../../src/model/ballooning.ts';
import { floorOf } from '../../../guards/support/floor.ts';
import { inputOf, requestOf, planOf, settingsWith, type Fields } from '../../support/planning.ts';

const GUEST: Fields = {
  balloon_cur: 524288,
  balloon_max: 1048576,
  balloon_min: 0,
  mem_unused: 400000,
  usable: 450000,
  stats_age: 3,
  state: 'running',
};

const planFor = (value: PolicyScalar, fields: Fields = {}, settings = settingsWith(), before: Fields = {}) =>
  planOf(
    balloon,
    [requestOf('balloon_target', value, 1)],
    inputOf({}, [
      {
        samples: [
          { ...GUEST, ...fields, ...before },
          { ...GUEST, ...fields },
        ],
      },
    ]),
    settings,
  );

const targetOf = (...args: Parameters<typeof planFor>) => planFor(...args).actions[0]?.to;
const whyOf = (...args: Parameters<typeof planFor>) => planFor(...args).held[0];

describe('a balloon target', () => {
  it('becomes an action with the log line that scripts read', () => {
    expect(planFor(498073)).toEqual({
      actions: [
        {
          controller: 'balloon',
          control: 'balloon_target',
          guest: { name: 'guest-1', uuid: expect.any(String) },
          from: 524288,
          to: 498073,
          message: 'Ballooning guest:guest-1 from 524288 to 498073',
          reason: 'because',
          position: { file: 'a.policy', line: 3, column: 5 },
          notes: [],
        },
      ],
      held: [],
    });
  });

  it('is truncated to an integer, as in MOM', () => {
    expect(targetOf(498073.99)).toBe(498073);
  });

  it('escapes the guest name so that it cannot forge a log line', () => {
    const request = {
      ...requestOf('balloon_target', 600000, 1),
      guest: { name: 'a b\nc', uuid: requestOf('x', 0, 1).guest!.uuid },
    };
    const plan = planOf(balloon, [request], inputOf({}, [{ name: 'a b\nc', samples: [GUEST] }]), settingsWith());
    expect(plan.actions[0]?.message).toBe('Ballooning guest:a\\x20b\\x0ac from 524288 to 600000');
  });

  it.each([
    ['abc', '"abc"'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [null, 'nil'],
    [true, 'true'],
    [[1], '[1]'],
  ])('is held back when it is %s', (value, shown) => {
    expect(planFor(value)).toMatchObject({
      actions: [],
      held: [
        { kind: 'held', wanted: value, why: `balloon_target must be a number of KiB; the policy requested ${shown}` },
      ],
    });
  });

  it.each([524288, 524288.5, 524290, 524285])('is unchanged at %d, without a call', (value) => {
    expect(planFor(value)).toMatchObject({
      actions: [],
      held: [{ kind: 'unchanged', why: expect.stringContaining('it already has 524288') }],
    });
  });

  it('never exceeds the maximum', () => {
    expect(planFor(2_000_000).actions[0]).toMatchObject({
      to: 1048576,
      notes: ['lowered from 2000000 to 1048576: the balloon_max of this guest'],
    });
    expect(whyOf(2_000_000, { balloon_cur: 1048576 })?.kind).toBe('unchanged');
  });
});

describe('the floor', () => {
  it('applies whatever the policy requests', () => {
    expect(planFor(87844).actions[0]).toMatchObject({
      to: 262144,
      notes: [
        'raised from 87844 to 262144: the floor of this guest, the highest of balloon_min 0, 262144 and 25 % of balloon_max 1048576',
      ],
    });
    expect(targetOf(-5)).toBe(262144);
  });

  it('is the highest of the three limits', () => {
    expect(targetOf(1, { balloon_min: 300000 })).toBe(300000);
    expect(targetOf(1, { balloon_max: 1600001 })).toBe(400001);
    expect(targetOf(1, { balloon_min: 1 }, settingsWith({ floor: 0, floor_ratio: 0 }))).toBe(1);
  });

  it('holds back the request for a guest at its floor', () => {
    expect(whyOf(100000, { balloon_cur: 262144 })).toMatchObject({
      kind: 'held',
      why: 'the guest is at its floor: it has 262144 and keeps 262144',
    });
  });

  it('neither shrinks a guest below it nor grows the guest for a request to shrink', () => {
    expect(planFor(90000, { balloon_cur: 100000 }).actions).toEqual([]);
  });

  it('lets a guest below it grow to the requested size', () => {
    expect(targetOf(120000, { balloon_cur: 100000 })).toBe(120000);
  });

  it('protects small guests', () => {
    expect(planFor(60000, { balloon_cur: 131072, balloon_max: 131072, mem_unused: 100000 }).actions).toEqual([]);
  });
});

describe('the headroom', () => {
  const headroom = settingsWith({ headroom: 49152 });

  it('leaves a guest some immediately usable memory', () => {
    expect(planFor(300000, { usable: 150000 }, headroom).actions[0]).toMatchObject({
      to: 524288 - 150000 + 49152,
      notes: ['raised from 300000 to 423440: the guest could use 150000 more at once and keeps a headroom of 49152'],
    });
  });

  it('holds back the request when the guest has no more than that', () => {
    expect(whyOf(500000, { usable: 40000 }, headroom)).toMatchObject({
      kind: 'held',
      why: expect.stringContaining('keeps a headroom of 49152'),
    });
  });

  it('uses mem_unused when the guest does not report usable memory', () => {
    expect(targetOf(300000, { usable: null, mem_unused: 100000 }, headroom)).toBe(524288 - 100000 + 49152);
    expect(whyOf(300000, { usable: null, mem_unused: null }, headroom)?.why).toBe(
      'usable and mem_unused of this guest are both unknown',
    );
  });

  it('starts from the larger of the last two sizes, as the report may predate the last move', () => {
    expect(targetOf(300000, { usable: 150000 }, headroom, { balloon_cur: 550000 })).toBe(550000 - 150000 + 49152);
    expect(targetOf(300000, { usable: 150000 }, headroom, { balloon_cur: 400000 })).toBe(524288 - 150000 + 49152);
  });

  it("starts from the size at the time of the guest's report, however many samples ago that was", () => {
    const target = (reports: readonly (number | null)[]) => {
      const samples = reports.map((last_update, n) => ({
        ...GUEST,
        balloon_cur: 700000 - 20000 * n,
        usable: 150000,
        last_update,
      }));
      return planOf(balloon, [requestOf('balloon_target', 1, 1)], inputOf({}, [{ samples }]), headroom).actions[0]?.to;
    };
    const counted = (size: number) => size - 150000 + 49152;
    expect(target([10, 10, 20, 20])).toBe(counted(680000));
    expect(target([10, 20, 20, 20])).toBe(counted(700000));
    expect(target([10, 15, 20, 25])).toBe(counted(660000));
    expect(target([10, 10, 10])).toBe(counted(700000));
    expect(target([null, null, null])).toBe(counted(680000));
  });

  it('does not constrain the policy when it is 0', () => {
    expect(targetOf(300000, { usable: 0 })).toBe(300000);
  });

  it('does not prevent growing', () => {
    expect(targetOf(600000, { usable: 0 }, headroom)).toBe(600000);
  });
});

describe('a balloon is left unchanged', () => {
  it.each([300000, 600000])(
    'when the statistics of the guest are no longer updated, to shrink or to grow (%d)',
    (value) => {
      expect(whyOf(value, { stats_age: 61 })).toMatchObject({
        kind: 'held',
        why: 'its statistics are 61 s old (limit 60 s) and no longer updated',
      });
      expect(targetOf(value, { stats_age: 60 })).toBe(value);
    },
  );

  it("when the host clock was set back to before the guest's last report", () => {
    expect(whyOf(300000, { stats_age: -3600 })).toMatchObject({
      kind: 'held',
      why: 'its statistics are from 3600 s in the future: the clock of the host was set back',
    });
  });

  it('when the guest has never reported', () => {
    expect(whyOf(300000, { stats_age: null })?.why).toBe('its balloon driver has never reported statistics');
  });

  it.each(['paused', 'crashed', 'in shutdown', 'suspended by guest power management', null])(
    'when the guest is %s',
    (state) => {
      expect(whyOf(300000, { state })).toMatchObject({
        kind: 'held',
        why: `the guest is not running: ${state ?? 'state unknown'}`,
      });
    },
  );

  it("when the guest's sizes are unknown or inconsistent", () => {
    expect(whyOf(300000, { balloon_max: null })?.why).toBe(
      'balloon_cur, balloon_max or balloon_min of this guest is unknown',
    );
    expect(whyOf(300000, { balloon_cur: 2_000_000 })?.why).toContain('are inconsistent');
    expect(whyOf(300000, { balloon_min: -1 })?.why).toContain('are inconsistent');
  });

  it('when the guest is missing', () => {
    const plan = planOf(
      balloon,
      [requestOf('balloon_target', 1, 7), requestOf('balloon_target', 1)],
      inputOf({}),
      settingsWith(),
    );
    expect(plan.actions).toEqual([]);
    expect(plan.held.map(({ why }) => why)).toEqual([
      'the guest is not in this snapshot',
      'balloon_target is a control of a guest, not of the host',
    ]);
  });
});

describe('a plan for many guests', () => {
  it('shrinks before it grows', () => {
    const guests = [1, 2, 3, 4].map((number) => ({ number, samples: [GUEST] }));
    const requests = [600000, 400000, 700000, 300000].map((value, index) =>
      requestOf('balloon_target', value, index + 1),
    );
    const { actions } = planOf(balloon, requests, inputOf({}, guests), settingsWith());
    expect(actions.map(({ to }) => to)).toEqual([400000, 300000, 600000, 700000]);
  });

  it('has only integer targets within bounds, for guests with current statistics, and no no-ops', () => {
    const kib = fc.integer({ min: 0, max: 8_000_000 });
    const value = fc.oneof(
      fc.double(),
      fc.integer(),
      kib,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.constant([1, 2]),
    );
    const guest = fc.record({
      balloon_cur: kib,
      balloon_max: kib,
      balloon_min: kib,
      mem_unused: fc.option(kib),
      usable: fc.option(kib),
      stats_age: fc.option(fc.double({ min: -100, max: 100, noNaN: true })),
      state: fc.constantFrom('running', 'paused', 'crashed', 'blocked'),
    });
    const settings = fc.record(
      {
        floor: kib,
        floor_ratio: fc.double({ min: 0, max: 1, noNaN: true }),
        max_stats_age: fc.integer({ min: 1000, max: 90_000 }),
      },
      { requiredKeys: ['floor', 'floor_ratio', 'max_stats_age'] },
    );
    const headroom = fc.integer({ min: 1, max: 500_000 });
    let moved = 0;
    fc.assert(
      fc.property(
        value,
        fc.array(guest, { minLength: 1, maxLength: 3 }),
        settings,
        headroom,
        (asked, samples, limits, headroom) => {
          const all = settingsWith({ ...limits, headroom });
          const { actions, held } = planOf(
            balloon,
            [requestOf('balloon_target', asked, 1)],
            inputOf({}, [{ samples }]),
            all,
          );
          expect(actions.length + held.length).toBe(1);
          if (actions.length === 0) return;
          moved++;
          const now = samples.at(-1)!;
          const [from, to] = [now.balloon_cur, actions[0]!.to as number];
          expect(Number.isSafeInteger(to)).toBe(true);
          expect(to).not.toBe(from);
          expect(to).toBeLessThanOrEqual(now.balloon_max);
          if (to < from) {
            expect(to).toBeGreaterThanOrEqual(
              floorOf({ max: now.balloon_max, min: now.balloon_min }, all['balloon'] as never),
            );
            expect(asked as number).toBeLessThan(from);
            expect(from - to).toBeLessThanOrEqual(Math.max(0, (now.usable ?? now.mem_unused)! - headroom));
          } else expect(asked as number).toBeGreaterThan(from);
          expect(Math.abs(now.stats_age!) * 1000).toBeLessThanOrEqual(limits.max_stats_age);
          expect(['running', 'blocked']).toContain(now.state);
        },
      ),
      { numRuns: 5000 },
    );
    expect(moved).toBeGreaterThan(50);
  });
});

describe('a guest whose balloon is left alone', () => {
  it.each(Object.entries(BALLOONING_OFF))('is not shrunk: %s', (off, why) => {
    expect(whyOf(498073, { ballooning_off: off })).toMatchObject({
      kind: 'held',
      why: `ballooning of this guest is off: ${why}`,
    });
  });

  it.each(Object.keys(BALLOONING_OFF))('grows only if it is left alone because it returns nothing: %s', (off) => {
    expect(targetOf(600_000, { ballooning_off: off })).toBe(RETURNS_NOTHING.has(off) ? 600_000 : undefined);
  });

  it('is one like any other in a recording that does not know', () => {
    expect(targetOf(498073, { ballooning_off: null })).toBe(498073);
  });

  it('has the cause in the reason when its statistics are old', () => {
    expect(whyOf(498073, { stats_age: 300, stats_missing: 'period 0' })?.why).toContain('no longer updated: period 0');
  });
});
