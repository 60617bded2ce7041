import { expect, it } from 'vitest';
import { committedPage, referencePage } from '../../scripts/reference-docs.ts';

it('docs/reference.md is what the declarations say; `npx tsx scripts/reference-docs.ts` writes it', () => {
  expect(committedPage()).toBe(referencePage());
});
