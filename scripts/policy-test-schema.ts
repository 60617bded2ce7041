import { writeFileSync } from 'node:fs';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { policyTestJsonSchema } from '../src/tooling/testing/json-schema.ts';

/** Writes docs/policy-test.schema.json, by which editors complete policy tests: `npx tsx scripts/policy-test-schema.ts`. */
writeFileSync(
  new URL('../docs/policy-test.schema.json', import.meta.url),
  policyTestJsonSchema(builtinPlugins().vocabulary),
);
