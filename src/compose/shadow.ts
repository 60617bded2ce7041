import type { Config } from '../config/model.ts';
import type { ShadowPolicy } from '../daemon/configuration.ts';
import { describeOverride, mergeOverrides, type ParamOverride } from '../model/parameter.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { bindPlaced } from '../parameters/check.ts';
import { bindOverrides, faultText, renderDiagnostics, type BoundOverride } from '../policy/index.ts';
import { historyWarning } from './history-warning.ts';
import { loadPolicies, type LoadedPolicies } from './policies.ts';

/** A shadow as the command line asks for it. */
export interface ShadowChoice {
  /** They replace those of the config. */
  readonly files: readonly string[];
  /** They take precedence over those of the config. */
  readonly parameters: readonly ParamOverride[];
}

export const NO_SHADOW: ShadowChoice = { files: [], parameters: [] };

export interface ShadowSources {
  /** The files of the policy. */
  readonly policies: readonly string[];
  /** Those of the shadow that may be pipes or devices. */
  readonly streams: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Adds where the files are named. */
  readonly placed: (problem: string) => string;
}

/** A shadow that was read. */
export interface InspectedShadow {
  readonly policies: LoadedPolicies;
  /** null: it has errors. */
  readonly shadow: ShadowPolicy | null;
  /** Of its parameters and its history, as lines. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Share of an interval that the evaluation of all files of a shadow may take. */
const TIME_SHARE = 0.25;
/** The least for one file, milliseconds: the least that the config permits for a policy. */
const LEAST_MS = 10;

/** Where the files of the shadow are named; null: there is no shadow. */
export function shadowFiles(
  { shadow }: Pick<Config, 'shadow'>,
  choice: ShadowChoice,
  policies: readonly string[],
): readonly string[] | null {
  if (choice.files.length > 0) return choice.files;
  if (shadow.files.length > 0) return shadow.files;
  return shadow.parameters.length > 0 || choice.parameters.length > 0 ? policies : null;
}

/**
 * Reads and compiles a shadow; null: there is none.
 * @throws SetupError when a file cannot be read
 */
export async function inspectShadow(
  config: Config,
  choice: ShadowChoice,
  { policies: ofPolicy, streams, vocabulary, placed }: ShadowSources,
): Promise<InspectedShadow | null> {
  const files = shadowFiles(config, choice, ofPolicy);
  if (files === null) return null;
  const { collectIntervalMs, policy } = config;
  const timeMs = Math.min(
    policy.limits.timeMs,
    Math.max(LEAST_MS, Math.floor((collectIntervalMs * TIME_SHARE) / Math.max(1, files.length))),
  );
  const policies = await loadPolicies(files, streams, vocabulary, { ...policy.limits, timeMs }, placed);
  const { program } = policies;
  if (program === null) return { policies, shadow: null, problems: [], warnings: [] };
  const configured = bindPlaced(
    { declared: program, otherPolicies: choice.files.length > 0 },
    config.shadow.parameters,
  );
  const chosen = bindOverrides(program, choice.parameters);
  const line = ({ override, fault }: (typeof chosen)['wrong'][number]) =>
    `--shadow-param ${describeOverride(override)}: ${faultText(fault)}`;
  const looksFar = historyWarning(program, config);
  return {
    policies,
    shadow: { program, own: mergeOverrides<BoundOverride>(chosen.bound, configured.bound) },
    problems: [...chosen.wrong.map(line), ...configured.problems],
    warnings: [...(looksFar === null ? [] : [looksFar]), ...chosen.suspicious.map(line), ...configured.warnings],
  };
}

/** The diagnostics of a shadow as text, without the warnings of files that are in the policy too. */
export function shadowDiagnostics(
  { diagnostics, sources }: LoadedPolicies,
  policies: Pick<LoadedPolicies, 'sources'>,
  color: boolean,
): string {
  return renderDiagnostics(ownDiagnostics(diagnostics, policies), sources, { color });
}

/** A file that is in both has its warnings once. */
export function ownDiagnostics(
  diagnostics: LoadedPolicies['diagnostics'],
  { sources }: Pick<LoadedPolicies, 'sources'>,
): LoadedPolicies['diagnostics'] {
  const files = new Set(sources.map(({ file }) => file));
  return diagnostics.filter(
    ({ severity, position }) => severity === 'error' || position === null || !files.has(position.file),
  );
}
