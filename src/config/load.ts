import { explain, keyTree } from '../yaml/explain.ts';
import { keyName } from '../yaml/key-name.ts';
import { toConfig } from './model.ts';
import type { Config } from './model.ts';
import { placeOverrides } from '../parameters/schema.ts';
import { listProblems } from '../yaml/problem.ts';
import type { ConfigProblem } from '../yaml/problem.ts';
import { checkTogether } from './rules.ts';
import { configSchema } from './schema.ts';
import { nodeConfigIo, readSource } from '../yaml/source.ts';
import type { ConfigIo } from '../yaml/source.ts';
import { readYaml } from '../yaml/yaml.ts';
import type { KeyPath } from '../yaml/yaml.ts';

/** A config that is right in itself. */
export interface LoadedConfig {
  readonly config: Config;
  /**
   * A problem with a value that only shows when the config is put to use (a collector that does not exist), at its
   * place in the file. `path` has the names of the file: `['collectors', 1]`.
   */
  problemAt(path: KeyPath, message: string): ConfigProblem;
}

export type ConfigResult = LoadedConfig | { readonly errors: readonly ConfigProblem[] };

const ALL_KEYS = keyTree(configSchema);

/** Reads a config file. Everything that is wrong with it is reported at once, in the order of the file. Never throws for what a file can be. */
export async function loadConfig(path: string, io: ConfigIo = nodeConfigIo): Promise<ConfigResult> {
  const source = await readSource(path, io);
  if ('problem' in source) return { errors: [{ file: path, line: null, column: null, message: source.problem }] };
  return parseConfig(path, source.text);
}

/** {@link loadConfig} for a text that is at hand; `path` is where it would stand. */
export function parseConfig(path: string, text: string): ConfigResult {
  const { yaml, problems } = readYaml(path, text);
  if (yaml === null) return { errors: listProblems(problems) };

  const parsed = configSchema.safeParse(yaml.value ?? {});
  if (!parsed.success) problems.push(...explain(parsed.error.issues, ALL_KEYS, yaml, path));
  problems.push(...checkTogether(yaml, path));
  if (!parsed.success || problems.length > 0) return { errors: listProblems(problems) };

  return {
    config: toConfig(
      parsed.data,
      path,
      placeOverrides(parsed.data.policy.parameters ?? [], ['policy', 'parameters'], yaml, path),
    ),
    problemAt: (at, message) => ({ file: path, ...yaml.valueAt(at), message: `${keyName(at)}: ${message}` }),
  };
}

/** What an empty file gives. */
export function defaultConfig(): Config {
  return toConfig(configSchema.parse({}), 'ballast.yaml', []);
}
