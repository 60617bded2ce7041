import { type FileIo, nodeIo } from '../yaml/file-io.ts';
import { keyName, type KeyPath } from '../yaml/key-path.ts';
import { type FileProblem, listProblems } from '../yaml/problem.ts';
import { readText } from '../yaml/read-text.ts';
import type { FileKind } from '../yaml/file-kind.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { schemaProblems } from '../yaml/schema-problems.ts';
import { toConfig } from './model.ts';
import type { Config } from './model.ts';
import { placeOverrides } from '../parameters/group.ts';
import { checkTogether } from './rules.ts';
import { configSchema } from './schema.ts';

/** A config that is right in itself. */
export interface LoadedConfig {
  readonly config: Config;
  /**
   * A problem with a value that only shows when the config is put to use (a collector that does not exist), at its
   * place in the file. `path` has the names of the file: `['collectors', 1]`.
   */
  problemAt(path: KeyPath, message: string): FileProblem;
}

export type ConfigResult = LoadedConfig | { readonly errors: readonly FileProblem[] };

const CONFIG_FILE: FileKind = { name: 'config file', example: 'history: 10' };

/** Reads a config file. Everything that is wrong with it is reported at once, in the order of the file. Never throws for what a file can be. */
export async function loadConfig(path: string, io: FileIo = nodeIo): Promise<ConfigResult> {
  const source = await readText(path, CONFIG_FILE, io);
  if ('problem' in source) return { errors: [{ file: path, line: null, column: null, message: source.problem }] };
  return parseConfig(path, source.text);
}

/** {@link loadConfig} for a text that is at hand; `path` is where it would stand. */
export function parseConfig(path: string, text: string): ConfigResult {
  const { yaml, problems } = readYaml(path, text, CONFIG_FILE);
  if (yaml === null) return { errors: listProblems(problems) };

  const parsed = configSchema.safeParse(yaml.value ?? {});
  if (!parsed.success)
    problems.push(...schemaProblems(parsed.error.issues, { yaml, file: path, schema: configSchema }));
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
