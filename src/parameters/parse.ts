import { type FileProblem, listProblems } from '../yaml/problem.ts';
import type { FileKind } from '../yaml/file-kind.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { schemaProblems } from '../yaml/schema-problems.ts';
import { parametersSchema, placeOverrides, type PlacedOverride } from './schema.ts';

const SCHEMA = parametersSchema('A parameters file.');
export const PARAMETERS_FILE: FileKind = { name: 'parameters file', example: 'pressure_threshold: 25%' };

/** Reads the text of a parameters file: what `policy.parameters` holds, on its own. */
export function parseParameters(
  file: string,
  text: string,
): { readonly overrides: readonly PlacedOverride[] } | { readonly errors: readonly FileProblem[] } {
  const { yaml, problems } = readYaml(file, text, PARAMETERS_FILE);
  if (yaml === null) return { errors: listProblems(problems) };
  const parsed = SCHEMA.safeParse(yaml.value);
  if (!parsed.success) problems.push(...schemaProblems(parsed.error.issues, { yaml, file, schema: SCHEMA }));
  if (!parsed.success || problems.length > 0) return { errors: listProblems(problems) };
  return { overrides: placeOverrides(parsed.data ?? [], [], yaml, file) };
}
