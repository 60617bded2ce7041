import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TARGETS, soundness } from '../support/fuzzing.ts';

/** `npm run fuzz` runs 100,000 cases. */
const CASES = 2_000;

describe('the language, for any input', () => {
  test.each(Object.entries(TARGETS))('%s', async (_, { share, property }) => {
    await fc.assert(
      property(() => {}),
      { numRuns: (CASES * share) / 100 },
    );
  });

  test('the checker accepts a good share of the programs of the soundness test', () => {
    expect(soundness.clean / soundness.all).toBeGreaterThan(0.2);
  });
});
