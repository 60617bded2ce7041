import { dirname, resolve } from 'node:path';
import type { SettingsGroup } from '../plugin/settings.ts';
import { pluginSettings } from './plugin-settings.ts';
import { type FileIo, nodeIo } from '../yaml/file-io.ts';
import { keyName, type KeyPath } from '../yaml/key-path.ts';
import { type FileProblem, listProblems } from '../yaml/problem.ts';
import { readText } from '../yaml/read-text.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { schemaProblems } from '../yaml/schema-problems.ts';
import { toConfig } from './model.ts';
import type { Config } from './model.ts';
import { placeOverrides } from '../parameters/group.ts';
import { checkCombinations } from './rules.ts';
import { CONFIG_FILE } from './runtime-choice.ts';
import { configSchema, modulesIn } from './schema.ts';

/** A valid config. */
export interface LoadedConfig {
  readonly config: Config;
  /**
   * Describes a problem that is found when the config is used (an unknown collector), with its position in the file.
   * @param path keys as in the file: `['collectors', 1]`
   */
  problemAt(path: KeyPath, message: string): FileProblem;
}

export type ConfigResult = LoadedConfig | { readonly errors: readonly FileProblem[] };

/** Returns the settings groups of all plugins, including those of the given site plugins (absolute paths). */
export type GroupsFor = (modules: readonly string[]) => Promise<readonly SettingsGroup[]>;

/**
 * Reads a config file. All problems are returned at once, in file order; an invalid or unreadable file never throws.
 * @throws errors of `groupsFor`
 */
export async function loadConfig(path: string, groupsFor: GroupsFor, io: FileIo = nodeIo): Promise<ConfigResult> {
  const source = await readText(path, CONFIG_FILE, io);
  if ('problem' in source) return { errors: [{ file: path, line: null, column: null, message: source.problem }] };
  const read = readYaml(path, source.text, CONFIG_FILE);
  if (read.yaml === null) return { errors: listProblems(read.problems) };
  // An invalid key yields no modules; parsing reports it.
  const modules = modulesIn(read.yaml.value);
  return parse(path, read, await groupsFor(modules.map((module) => resolve(dirname(path), module))));
}

/** {@link loadConfig} for a text in memory. @param path the path that the text would have */
export function parseConfig(path: string, text: string, groups: readonly SettingsGroup[]): ConfigResult {
  return parse(path, readYaml(path, text, CONFIG_FILE), groups);
}

function parse(
  path: string,
  { yaml, problems: yamlProblems }: ReturnType<typeof readYaml>,
  groups: readonly SettingsGroup[],
): ConfigResult {
  if (yaml === null) return { errors: listProblems(yamlProblems) };
  const schema = configSchema(groups);
  const parsed = schema.safeParse(yaml.value ?? {});
  const problems = [
    ...yamlProblems,
    ...(parsed.success ? [] : schemaProblems(parsed.error.issues, { yaml, file: path, schema })),
    ...checkCombinations(yaml, path, groups, schema.parse({})),
  ];
  if (!parsed.success || problems.length > 0) return { errors: listProblems(problems) };
  const file = parsed.data;
  const parameters = {
    policy: placeOverrides(file.policy.parameters ?? [], ['policy', 'parameters'], yaml, path),
    shadow: placeOverrides(file.shadow.parameters ?? [], ['shadow', 'parameters'], yaml, path),
  };
  return {
    config: toConfig(file, path, parameters, pluginSettings(parsed.data, groups)),
    problemAt: (at, message) => ({ file: path, ...yaml.valueAt(at), message: `${keyName(at)}: ${message}` }),
  };
}

/** The config of an empty file. */
export function defaultsOf(groups: readonly SettingsGroup[]): Config {
  const parsed = configSchema(groups).parse({});
  return toConfig(parsed, 'ballast.yaml', { policy: [], shadow: [] }, pluginSettings(parsed, groups));
}
