import { z } from 'zod';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { testFileSchema } from './schema.ts';

/** The schema of a policy test file for editors: JSON Schema, draft 7, which all of them support. */
export function policyTestJsonSchema(vocabulary: Vocabulary): string {
  const schema = z.toJSONSchema(testFileSchema(vocabulary), {
    io: 'input',
    target: 'draft-7',
    // Extracted definitions would get numbered ids, which change with every new field.
    reused: 'inline',
    unrepresentable: 'any',
  });
  return `${JSON.stringify({ title: 'A policy test of Ballast', ...schema }, null, 1)}\n`;
}
