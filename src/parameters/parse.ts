import { explain, keyTree } from '../yaml/explain.ts';
import { parametersSchema, placeOverrides, type PlacedOverride } from './schema.ts';
import { listProblems, type ConfigProblem } from '../yaml/problem.ts';
import { readYaml } from '../yaml/yaml.ts';

const SCHEMA = parametersSchema('A parameters file.');
const ALL_KEYS = keyTree(SCHEMA);

/** Reads the text of a parameters file: what `policy.parameters` holds, on its own. */
export function parseParameters(
  file: string,
  text: string,
): { readonly overrides: readonly PlacedOverride[] } | { readonly errors: readonly ConfigProblem[] } {
  const { yaml, problems } = readYaml(file, text);
  if (yaml === null) return { errors: listProblems(problems) };
  const parsed = SCHEMA.safeParse(yaml.value);
  if (!parsed.success) problems.push(...explain(parsed.error.issues, ALL_KEYS, yaml, file));
  if (!parsed.success || problems.length > 0) return { errors: listProblems(problems) };
  return { overrides: placeOverrides(parsed.data ?? [], [], yaml, file) };
}
