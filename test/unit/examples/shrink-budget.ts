import type { GuardedRequest } from '../../../src/model/decision.ts';
import { numberOf } from '../../../src/model/sample.ts';
import { defineGuard, type Ruling } from '../../../src/plugin/guard.ts';

/** Limits how much memory all balloons together take from guests in one interval, in the order of the requests. */
export const shrinkBudget = defineGuard({
  name: 'shrink-budget',
  doc: 'Takes no more than so much memory from all guests together in one interval',
  settings: {
    key: 'shrink_budget',
    doc: 'How fast memory is taken from guests.',
    keys: {
      most: {
        type: 'size',
        default: '4GiB',
        min: '1MiB',
        max: '64TiB',
        doc: 'What all guests together give at most in one interval.',
      },
    },
  },

  beforePlan(requests, { guests, guestLayout }, { most }) {
    const sizesKib = new Map(guests.map(({ uuid, samples }) => [uuid, numberOf(guestLayout, samples, 'balloon_cur')]));
    const rulings = new Map<GuardedRequest, Ruling>();
    let leftKib = most;
    for (const request of requests) {
      const { name, guest, value } = request;
      const sizeKib = sizesKib.get(guest?.uuid ?? '') ?? null;
      // The limit applies only to requests that shrink a guest of this interval.
      if (name !== 'balloon_target' || typeof value !== 'number' || sizeKib === null || !(value < sizeKib)) continue;
      const givenKib = Math.min(sizeKib - value, leftKib);
      leftKib -= givenKib;
      if (givenKib === sizeKib - value) continue;
      const why = `all guests together give at most ${most} in one interval`;
      if (givenKib === 0) rulings.set(request, { kind: 'hold', why });
      else {
        const to = sizeKib - givenKib;
        rulings.set(request, { kind: 'change', value: to, notes: [`raised from ${value} to ${to}: ${why}`] });
      }
    }
    return rulings;
  },
});
