import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { plan } from '../../../src/engine/plan.ts';
import { inputOf, requestOf } from '../../support/planning.ts';
import { shrinkBudget } from './shrink-budget.ts';

const GUESTS = [1, 2, 3].map((number) => ({ number, samples: [{ balloon_cur: 1000, balloon_max: 2000 }] }));

/** The targets of guests with requests for these sizes, KiB. */
const planFor = (targets: readonly number[], most: number) => {
  const requests = targets.map((target, index) => requestOf('balloon_target', target, index + 1));
  const planners = { guards: [shrinkBudget], controllers: [balloon] };
  return plan(planners, { requests, errors: [] }, inputOf({}, GUESTS), { shrink_budget: { most } });
};

describe('shrink-budget', () => {
  it('passes what fits', () => {
    expect(planFor([900, 800, 1500], 300).actions).toMatchObject([{ to: 900 }, { to: 800 }, { to: 1500 }]);
  });

  it('raises the target that fits only partly, and holds back those after it', () => {
    const { actions, held } = planFor([900, 800, 700], 200);
    expect(actions).toMatchObject([
      { to: 900, notes: [] },
      { to: 900, notes: ['raised from 800 to 900: all guests together give at most 200 in one interval'] },
    ]);
    expect(held).toMatchObject([{ wanted: 700, why: 'all guests together give at most 200 in one interval' }]);
  });
});
