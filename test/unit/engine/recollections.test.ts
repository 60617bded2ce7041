import { describe, expect, it } from 'vitest';
import { Decider } from '../../../src/engine/decider.ts';
import { Recollections } from '../../../src/engine/recollections.ts';
import type { Outcome } from '../../../src/model/decision.ts';
import { layoutOf } from '../../../src/model/field.ts';
import { defineGuard } from '../../../src/plugin/guard.ts';
import { defineRecollection } from '../../../src/plugin/recollection.ts';
import { guestSnapshot, snapshot } from '../../support/builders.ts';
import { inputOf } from '../../support/planning.ts';

const HOUR_MS = 3_600_000;

const intervals = defineRecollection({
  name: 'intervals',
  initial: { seen: 0, outcomes: [] as readonly Outcome['status'][] },
  next: ({ seen, outcomes }, news) => ({
    seen: seen + 1,
    outcomes: [...outcomes, ...news.outcomes.map(({ status }) => status)],
  }),
});

const guard = defineGuard({ name: 'counting', doc: '', recalls: [intervals], beforePlan: () => new Map() });

describe('what guards remember', () => {
  it('follows every snapshot, and outcomes with the snapshot after them', () => {
    let recalled: unknown;
    const looking = defineGuard({
      name: 'looking',
      doc: '',
      recalls: [intervals],
      beforePlan: (_requests, _input, _settings, state) => ((recalled = state.recall(intervals)), new Map()),
    });
    const watching = new Decider(null, {
      historyLength: 1,
      hostLayout: layoutOf(['a']),
      guestLayout: layoutOf(['b']),
      hostProps: {},
      planners: { guards: [looking], controllers: [] },
      settings: {},
      evaluate: {},
    });
    const done = { action: { control: 'ksm_run', guest: null }, status: 'done' } as Outcome;
    for (const timeMs of [0, 10_000]) {
      const input = watching.observe(snapshot(timeMs, [guestSnapshot(1, [1])], [1]))!;
      watching.plan({ requests: [], errors: [] }, input);
      watching.learn([done]);
    }
    expect(recalled).toEqual({ seen: 2, outcomes: ['done'] });
  });

  it('is the initial value for a recollection that no guard of the list has', () => {
    expect(new Recollections().state({}).recall(intervals)).toEqual({ seen: 0, outcomes: [] });
  });

  it('has a time that never goes back and is not moved far by a step of the clock', () => {
    let all = Recollections.of([guard]);
    const steadyAfter = (timeMs: number): number => {
      all = all.next(inputOf({}, [], timeMs), [], {});
      return all.steadyMs;
    };
    expect(steadyAfter(HOUR_MS)).toBe(0);
    expect(steadyAfter(HOUR_MS + 10_000)).toBe(10_000);
    expect(steadyAfter(0)).toBe(10_000);
    expect(steadyAfter(5_000)).toBe(15_000);
    expect(steadyAfter(24 * HOUR_MS)).toBe(315_000);
  });
});
