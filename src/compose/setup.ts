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
import { historyWarning } from './history-warning.ts';
import { assemble, type Plugin, UnknownPlugin } from './plugins.ts';
import { loadPolicies, type LoadedPolicies } from './policies.ts';
import { SetupError } from './setup-error.ts';
import {
  inspectShadow,
  NO_SHADOW,
  ownDiagnostics,
  shadowDiagnostics,
  shadowFiles,
  type InspectedShadow,
  type ShadowChoice,
} from './shadow.ts';
import type { ShadowPolicy } from '../daemon/configuration.ts';

/** The content of the config and all files that it refers to, validated. */
export interface Setup {
  readonly config: Config;
  readonly plugins: Plugins;
  readonly policies: LoadedPolicies & { readonly program: Program };
  /** The values of the policies' parameters. */
  readonly parameters: Parameters;
  /** null: there is none, or it was not asked for. */
  readonly shadow: ShadowPolicy | null;
  /** Warnings about the policies and their parameters, as text; empty if there are none. */
  readonly warnings: string;
}

export interface SetupChoice {
  /** null: the defaults. */
  readonly configPath: string | null;
  /** Policies from the command line; they replace those of the config. */
  readonly policies: readonly string[];
  /** Parameter values from the command line; they take precedence over all others. */
  readonly parameters?: readonly ParamOverride[];
  /** Absent: a shadow is neither read nor checked, whatever the config says. */
  readonly shadow?: ShadowChoice;
  /** Whether to read the parameters file. Its path is in the result either way. Default: true. */
  readonly withParametersFile?: boolean;
  /** Whether this is a reload: pipes and devices are then refused, because they can be read only once and could block. Default: false. */
  readonly reload?: boolean;
  /** Applies other command line options to the config. */
  readonly adjust?: (config: Config) => Config;
}

/** Loads only the plugins, for commands that need only their names. @throws SetupError */
export async function loadPluginsOf(configPath: string): Promise<Plugins> {
  return pluginsOf(await readConfig(configPath));
}

/** A config and its plugins, for commands that need no policy. @throws SetupError */
export async function loadHostSetup(configPath: string | null): Promise<Pick<Setup, 'config' | 'plugins'>> {
  const loaded = await readConfig(configPath);
  return { config: loaded.config, plugins: pluginsOf(loaded) };
}

/** The parts of a config for editors: names from its plugins, policy files, limits and parameter values. */
export interface PolicySetup {
  readonly vocabulary: Vocabulary;
  readonly files: readonly string[];
  readonly limits: Partial<Limits>;
  /** Parameter values from the parameters file and the config. */
  readonly overrides: readonly PlacedOverride[];
  /** Files and folders that this depends on, besides the config. */
  readonly followed: readonly string[];
  /** The problems of the parameters file, which is then ignored; null: none. */
  readonly warning: string | null;
}

/** @throws SetupError */
export async function loadPolicySetup(configPath: string): Promise<PolicySetup> {
  const loaded = await readConfig(configPath, rereadableIo);
  const { limits, parameters, parametersFile, dir } = loaded.config.policy;
  const { vocabulary } = pluginsOf(loaded);
  const written = parametersFile === null ? [] : await writtenParameters(parametersFile);
  const isInvalid = 'problems' in written;
  return {
    vocabulary,
    limits,
    overrides: mergeOverrides(isInvalid ? [] : written, parameters),
    files: await filesOf(loaded),
    followed: [parametersFile, dir].filter((path) => path !== null),
    warning: isInvalid ? written.problems.join('\n') : null,
  };
}

/** What a start with a config would report about its policies and their parameters. */
export interface Inspected {
  readonly policies: LoadedPolicies;
  /** null: there is none, or the policies have errors. */
  readonly shadow: LoadedPolicies | null;
  /** Of the parameters, as lines; empty when the policies have errors. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads the config and all files that it refers to, without stopping at errors of policies and parameters.
 * @throws SetupError for the config, its plugins and files that cannot be read
 */
export async function inspectSetup(configPath: string): Promise<Inspected> {
  const loaded = await readConfig(configPath, rereadableIo);
  const { vocabulary } = pluginsOf(loaded);
  const placed = (problem: string): string =>
    loaded.config.policy.dir === null ? renderProblem(loaded.problemAt(['policy', 'files'], problem)) : problem;
  const policies = await loadPolicies(await filesOf(loaded), [], vocabulary, loaded.config.policy.limits, placed);
  if (policies.program === null) return { policies, shadow: null, problems: [], warnings: [] };
  const files = policies.sources.map(({ file }) => file);
  const shadow = await inspectShadow(loaded.config, NO_SHADOW, {
    ...{ policies: files, streams: [], vocabulary, placed: (problem: string) => placedShadow(loaded, problem) },
  });
  const context = { declared: policies.program, otherPolicies: false };
  const found = await loadParameters(loaded.config.policy, [], context);
  const ofShadow = { problems: shadow?.problems ?? [], warnings: shadow?.warnings ?? [] };
  return {
    policies,
    shadow: withoutCopies(shadow, policies),
    ...('problems' in found
      ? { problems: [...found.problems, ...ofShadow.problems], warnings: [] }
      : {
          problems: ofShadow.problems,
          warnings: [...historyWarnings(policies.program, loaded.config), ...found.warnings, ...ofShadow.warnings],
        }),
  };
}

function withoutCopies(shadow: InspectedShadow | null, policies: LoadedPolicies): LoadedPolicies | null {
  if (shadow === null) return null;
  return { ...shadow.policies, diagnostics: ownDiagnostics(shadow.policies.diagnostics, policies) };
}

/** @throws SetupError */
export async function loadSetup(choice: SetupChoice, color = false): Promise<Setup> {
  const io = choice.reload === true ? rereadableIo : nodeIo;
  const loaded = await readConfig(choice.configPath, io);
  const adjusted = choice.adjust?.(loaded.config) ?? loaded.config;
  const { shadow: wanted } = choice;
  const files = choice.policies.length > 0 ? choice.policies : await filesOf(loaded);
  const plugins = pluginsOf({ ...loaded, config: adjusted });
  const areListed = choice.policies.length > 0 || loaded.config.policy.dir === null;
  const streams = areListed && choice.reload !== true ? files : [];
  const isInConfig = choice.policies.length === 0 && loaded.config.policy.dir === null;
  const placed = (problem: string): string =>
    isInConfig ? renderProblem(loaded.problemAt(['policy', 'files'], problem)) : problem;
  const policies = await loadPolicies(files, streams, plugins.vocabulary, adjusted.policy.limits, placed);
  const rendered = renderDiagnostics(policies.diagnostics, policies.sources, { color });
  const { program } = policies;
  if (program === null) throw new SetupError(rendered.trimEnd());
  const context = { declared: program, otherPolicies: choice.policies.length > 0 };
  const { parameters, parametersFile } = adjusted.policy;
  const configured = { parameters, parametersFile: choice.withParametersFile === false ? null : parametersFile };
  const loadedParameters = await loadParameters(configured, choice.parameters ?? [], context);
  if ('problems' in loadedParameters) throw new SetupError(loadedParameters.problems.join('\n'));
  const shadow =
    wanted === undefined
      ? null
      : await inspectShadow(adjusted, wanted, {
          ...{ policies: files, vocabulary: plugins.vocabulary },
          streams: choice.reload === true ? [] : wanted.files,
          placed: (problem) => (wanted.files.length > 0 ? problem : placedShadow(loaded, problem)),
        });
  const renderedShadow = shadow === null ? '' : shadowDiagnostics(shadow.policies, policies, color);
  if (shadow?.shadow === null) throw new SetupError(renderedShadow.trimEnd());
  if (shadow !== null && shadow.problems.length > 0) throw new SetupError(shadow.problems.join('\n'));
  const config = {
    ...adjusted,
    policy: { ...adjusted.policy, files, dir: null },
    shadow: { ...adjusted.shadow, files: (wanted && shadowFiles(adjusted, wanted, files)) ?? adjusted.shadow.files },
  };
  return {
    config,
    plugins,
    policies: { ...policies, program },
    parameters: loadedParameters.parameters,
    shadow: shadow?.shadow ?? null,
    warnings:
      rendered +
      renderedShadow +
      [
        ...historyWarnings(program, config).map((line) => `warning: ${line}`),
        ...loadedParameters.warnings,
        ...(shadow?.warnings ?? []),
      ]
        .map((line) => `${line}\n`)
        .join(''),
  };
}

function placedShadow(loaded: LoadedConfig, problem: string): string {
  return renderProblem(loaded.problemAt(['shadow', 'files'], problem));
}

function historyWarnings(program: Program, config: Config): readonly string[] {
  const warning = historyWarning(program, config);
  return warning === null ? [] : [warning];
}

/** A valid config with its site plugins. */
interface Loaded extends LoadedConfig {
  readonly site: readonly Plugin[];
}

/** @throws SetupError */
function pluginsOf({ config: { collectors, controllers }, site, problemAt }: Loaded): Plugins {
  try {
    return assemble({ collectors, controllers, site });
  } catch (error) {
    if (!(error instanceof UnknownPlugin)) throw error;
    throw new SetupError(renderProblem(problemAt([error.key, error.index], error.message)), { cause: error });
  }
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
