import fc from 'fast-check';
import { describe, it } from 'vitest';
import { GUARD_TARGETS, INTERVALS } from '../support/fuzzing-guards.ts';

/** `npm run fuzz -- --target guards --cases 5000` tries 100,000 intervals. */
const RUNS = { guards: 2000 / INTERVALS, rest: 8, liars: 12 };

describe('whatever policies ask and guests report', () => {
  it.each(Object.entries(RUNS) as [keyof typeof RUNS, number][])('%s: %i worlds', (name, numRuns) => {
    void fc.assert(
      GUARD_TARGETS[name].property(() => undefined),
      { numRuns },
    );
  });
});
