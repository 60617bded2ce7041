import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { policyFiles } from '../config/policy-files.ts';
import { type FileIo, nodeIo, rereadableIo } from '../yaml/file-io.ts';
import { type FileProblem, renderProblem } from '../yaml/problem.ts';
import { writtenParameters } from '../parameters/file.ts';
import type { PlacedOverride } from '../parameters/group.ts';
import { loadParameters, type Parameters } from '../parameters/parameters.ts';
import { mergeOverrides, type ParamOverride } from '../model/parameter.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { renderDiagnostics, type Limits, type Program } from '../policy/index.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { defaultConfig, loadConfig } from './config.ts';
import { assemble, type Plugin } from './plugins.ts';
import { loadPolicies, type LoadedPolicies } from './policies.ts';
import { SetupError } from './setup-error.ts';

/** Everything that the files say, read and found right. */
export interface Setup {
  readonly config: Config;
  readonly plugins: Plugins;
  readonly policies: LoadedPolicies & { readonly program: Program };
  /** What is set for the policies' parameters. */
  readonly parameters: Parameters;
  /** Warnings about the policies and their parameters, drawn for people; empty when there are none. */
  readonly warnings: string;
}

export interface SetupChoice {
  /** null: the defaults. */
  readonly configPath: string | null;
  /** Policies from the command line; they replace the config's. */
  readonly policies: readonly string[];
  /** Values for parameters from the command line; they come before all others. */
  readonly parameters?: readonly ParamOverride[];
  /** Whether the parameters file counts; otherwise only its name is known afterwards. Absent: it does. */
  readonly withParametersFile?: boolean;
  /** Whether this is a reload: pipes and devices are then refused, because they can be read only once and could block. Default: false. */
  readonly reload?: boolean;
  /** What else the command line changes in the config. */
  readonly adjust?: (config: Config) => Config;
}

/** The plugins alone, for commands that need their names and nothing else. @throws SetupError */
export async function loadPluginsOf(configPath: string): Promise<Plugins> {
  return pluginsOf(await readConfig(configPath));
}

/** What editors need of a config: the names of its plugins, and of its policy the files, the bounds and the values of parameters. */
export interface PolicySetup {
  readonly vocabulary: Vocabulary;
  readonly files: readonly string[];
  readonly limits: Partial<Limits>;
  /** What is set for parameters, in the parameters file and in the config. */
  readonly overrides: readonly PlacedOverride[];
  /** Files and folders besides the config whose changes change this. */
  readonly followed: readonly string[];
  /** What is wrong with the parameters file, which then sets nothing; null: nothing is. */
  readonly warning: string | null;
}

/** @throws SetupError */
export async function loadPolicySetup(configPath: string): Promise<PolicySetup> {
  const loaded = await readConfig(configPath, rereadableIo);
  const { limits, parameters, parametersFile, dir } = loaded.config.policy;
  const { vocabulary } = pluginsOf(loaded);
  const written = parametersFile === null ? [] : await writtenParameters(parametersFile);
  const isWrong = 'problems' in written;
  return {
    vocabulary,
    limits,
    overrides: mergeOverrides(isWrong ? [] : written, parameters),
    files: await filesOf(loaded),
    followed: [parametersFile, dir].filter((path) => path !== null),
    warning: isWrong ? written.problems.join('\n') : null,
  };
}

/** @throws SetupError */
export async function loadSetup(choice: SetupChoice, color = false): Promise<Setup> {
  const io = choice.reload === true ? rereadableIo : nodeIo;
  const loaded = await readConfig(choice.configPath, io);
  const adjusted = choice.adjust?.(loaded.config) ?? loaded.config;
  const files = choice.policies.length > 0 ? choice.policies : await filesOf(loaded);
  const plugins = pluginsOf({ ...loaded, config: adjusted });
  const areListed = choice.policies.length > 0 || loaded.config.policy.dir === null;
  const streams = areListed && choice.reload !== true ? files : [];
  const policies = await loadPolicies(files, streams, plugins.vocabulary, adjusted.policy.limits);
  const drawn = renderDiagnostics(policies.diagnostics, policies.sources, { color });
  const { program } = policies;
  if (program === null) throw new SetupError(drawn.trimEnd());
  const context = { declared: program, otherPolicies: choice.policies.length > 0 };
  const { parameters, parametersFile } = adjusted.policy;
  const places = { parameters, parametersFile: choice.withParametersFile === false ? null : parametersFile };
  const set = await loadParameters(places, choice.parameters ?? [], context);
  if ('problems' in set) throw new SetupError(set.problems.join('\n'));
  const config = { ...adjusted, policy: { ...adjusted.policy, files, dir: null } };
  return {
    config,
    plugins,
    policies: { ...policies, program },
    parameters: set.parameters,
    warnings: drawn + set.warnings.map((line) => `${line}\n`).join(''),
  };
}

/** A config that is right, with the site's plugins that it names. */
interface Loaded extends LoadedConfig {
  readonly site: readonly Plugin[];
}

function pluginsOf({ config: { collectors, controllers }, site }: Pick<Loaded, 'config' | 'site'>): Plugins {
  return assemble({ collectors, controllers, site });
}

async function readConfig(path: string | null, io: FileIo = nodeIo): Promise<Loaded> {
  if (path === null) {
    const problemAt: Loaded['problemAt'] = (_at, message) => ({
      file: 'the defaults',
      line: null,
      column: null,
      message,
    });
    return { config: defaultConfig(), site: [], problemAt };
  }
  const { result, site } = await loadConfig(path, io);
  if ('errors' in result) throw new SetupError(renderProblems(result.errors));
  return { ...result, site };
}

async function filesOf(loaded: LoadedConfig): Promise<readonly string[]> {
  const found = await policyFiles(loaded);
  if ('error' in found) throw new SetupError(renderProblems([found.error]));
  return found.files;
}

function renderProblems(problems: readonly FileProblem[]): string {
  return problems.map(renderProblem).join('\n');
}
