import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TARGETS, soundness } from '../support/fuzzing.ts';

/** `npm run fuzz` tries a hundred thousand. */
const CASES = 2_000;

describe('whatever comes', () => {
  test.each(Object.entries(TARGETS))('%s', async (_, { share, property }) => {
    await fc.assert(
      property(() => {}),
      { numRuns: (CASES * share) / 100 },
    );
  });

  test('the checker has nothing against many of the programs that are tried for soundness', () => {
    expect(soundness.clean / soundness.all).toBeGreaterThan(0.2);
  });
});
