import fc from 'fast-check';
import { describe, test } from 'vitest';
import { FOREIGN_TARGETS } from '../support/fuzzing-foreign.ts';

/** `npm run fuzz` runs thousands. */
const CASES = 150;

describe('text that others write', () => {
  test.each(Object.entries(FOREIGN_TARGETS))('%s', async (_, { property }) => {
    await fc.assert(
      property(() => {}),
      { numRuns: CASES },
    );
  });
});
