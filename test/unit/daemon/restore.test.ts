import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { restore, type RestoreParts } from '../../../src/daemon/restore.ts';
import type { ControlValue, PlainScalar } from '../../../src/model/control.ts';
import type { Outcome } from '../../../src/model/decision.ts';
import type { PolicyInput } from '../../../src/model/snapshot.ts';
import { uuidOf } from '../../support/builders.ts';
import { NEVER_ABORTED, START_MS } from '../../support/kernel.ts';
import { inputOf, planOf, settingsWith } from '../../support/planning.ts';

const HEADROOM = 65_536;
const FLOOR_RATIO = 0.25;
const SETTINGS = settingsWith({ floor: 0, floor_ratio: FLOOR_RATIO, headroom: HEADROOM });

const was = (kib: PlainScalar, number: number): ControlValue => ({
  control: 'balloon_target',
  guest: { name: `guest-${number}`, uuid: uuidOf(number) },
  value: kib,
});

/** Restores these sizes with the guards; writes are made, or fail, as `statusOf` says. */
async function restored(
  found: readonly ControlValue[],
  input: PolicyInput,
  statusOf: (outcome: Pick<Outcome, 'action'>) => Outcome['status'] = () => 'done',
) {
  let now = input;
  const parts: RestoreParts = {
    wanted: (seen, held) => balloon.restore!(found, seen, held),
    plan: (requests, seen) => planOf(balloon, requests, seen, SETTINGS),
    apply: async (actions) => {
      const outcomes = actions.map((action): Outcome => ({ action, status: statusOf({ action }), detail: 'so it is' }));
      const writes = outcomes.flatMap(({ action, status }) =>
        status === 'done' ? [{ ...action, value: action.to as PlainScalar }] : [],
      );
      now = balloon.settled!(now, writes);
      return outcomes;
    },
    look: async () => now,
    settled: (seen) => seen,
  };
  const result = await restore(input, parts, NEVER_ABORTED);
  const sizes = new Map(balloon.values!(now).map(({ guest, value }) => [guest!.uuid, Number(value)]));
  return { ...result, sizes };
}

const kib = fc.integer({ min: 100_000, max: 4_000_000 });
const guest = fc
  .record({
    max: kib,
    cur: kib,
    first: kib,
    used: kib,
    min: fc.integer({ min: 0, max: 2_000_000 }),
    state: fc.constantFrom('running', 'paused'),
    stats_age: fc.constantFrom(0, 5, 100),
    isThere: fc.boolean(),
  })
  .map(({ max, cur, first, used, ...rest }) => {
    const size = Math.min(cur, max);
    return { ...rest, max, cur: size, first: Math.min(first, max), usable: Math.max(0, size - used) };
  });

describe('restore', () => {
  it('hurts no guest, and tells the truth about each', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(guest, { maxLength: 6 }), async (guests) => {
        const input = inputOf(
          {},
          guests.flatMap(({ isThere, max, cur, min, usable, state, stats_age }, at) =>
            isThere
              ? [
                  {
                    number: at,
                    samples: [{ balloon_cur: cur, balloon_max: max, balloon_min: min, usable, state, stats_age }],
                  },
                ]
              : [],
          ),
        );
        const { sizes, left, outcomes, total } = await restored(
          guests.map(({ first }, at) => was(first, at)),
          input,
        );
        const lefts = new Set(left.map(({ guest: whose }) => whose!.uuid));
        for (const [at, { isThere, max, cur, min, first, usable, state }] of guests.entries()) {
          const size = sizes.get(uuidOf(at));
          const isBack = size !== undefined && Math.abs(size - first) < 4;
          expect(lefts.has(uuidOf(at))).toBe(!isBack);
          if (!isThere || size === undefined) continue;
          if (state === 'paused') expect(size).toBe(cur);
          // Shrinking is all or nothing, above the floor and the headroom.
          if (size >= cur) continue;
          expect(size).toBe(first);
          expect(size).toBeGreaterThanOrEqual(Math.min(max, Math.max(min, FLOOR_RATIO * max)));
          expect(usable - (cur - size)).toBeGreaterThanOrEqual(HEADROOM);
        }
        expect(total).toBe(left.length + outcomes.length);
      }),
      { numRuns: 300 },
    );
  });

  const sample = { balloon_cur: 500_000, balloon_max: 1_000_000, balloon_min: 0, usable: 400_000, state: 'running' };
  const two = inputOf({}, [
    { number: 1, samples: [{ ...sample, stats_age: 1 }] },
    { number: 2, samples: [{ ...sample, stats_age: 1 }] },
  ]);

  it.each([
    ['failed', 1],
    ['refused', 1],
    ['held', 1],
    ['gone', 0],
  ] as const)(
    'asks once for a write with the outcome %s, and counts it as left unless the guest is gone',
    async (status, count) => {
      const { left, outcomes, total } = await restored([was(800_000, 1), was(800_000, 2)], two, ({ action }) =>
        action.guest!.uuid === uuidOf(1) ? status : 'done',
      );
      expect(outcomes).toHaveLength(2);
      expect([left.length, total]).toEqual([count, 2]);
      if (count > 0) expect(left).toMatchObject([{ guest: { name: 'guest-1' }, wanted: 800_000, why: 'so it is' }]);
    },
  );

  it('writes nothing that a guard adds', async () => {
    const relief = inputOf({}, [{ number: 1, samples: [{ ...sample, stats_age: 1 }] }], START_MS);
    const result = await restore(
      relief,
      {
        wanted: () => ({ requests: [], held: [] }),
        plan: (_requests, input) =>
          planOf(
            balloon,
            [{ ...was(0, 1), name: 'balloon_target', value: 900_000, reason: 'relief', position: null }],
            input,
            SETTINGS,
          ),
        apply: async (actions) => actions.map((action) => ({ action, status: 'done', detail: null })),
        look: async () => relief,
        settled: (input) => input,
      },
      NEVER_ABORTED,
    );
    expect(result).toEqual({ outcomes: [], left: [], total: 0 });
  });
});
