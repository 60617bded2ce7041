/**
 * Parameter values set by the operator. The policy declares parameters (`(param share 20% :max 90%)`, in src/policy/params).
 * This folder reads the values. Precedence:
 *
 * 1. the command line (`--param share=25%`)
 * 2. the parameters file, which the daemon follows while it runs
 * 3. the config (`policy.parameters`)
 * 4. the default that the policy declares
 *
 * A replay uses the recorded values in place of the parameters file, with the lowest precedence of the three.
 *
 * | file | what it does |
 * | --- | --- |
 * | group.ts | the form of parameters in YAML, the same in the config, the parameters file and policy tests |
 * | check.ts | checks values against the declarations of the policy |
 * | file.ts | reads the parameters file |
 * | edit-file.ts | changes one value in the text of a parameters file |
 * | follow-file.ts | follows the parameters file while the daemon runs |
 * | list.ts | lists the declared parameters with their values |
 * | changes.ts | describes changes of the values in effect |
 * | recorded.ts | the values for a replay |
 */
import { describeOverride, mergeOverrides, type ParamOverride } from '../model/parameter.ts';
import { bindOverrides, faultText, type BoundOverride, type OverrideFault } from '../policy/index.ts';
import { readParametersFile, type ParametersFile } from './file.ts';
import type { PlacedOverride } from './group.ts';
import { bindPlaced, type CheckContext, type Problems } from './check.ts';

/** Parameter values by source. All of them fit the policy. */
export interface Parameters {
  readonly context: CheckContext;
  /** From the command line. */
  readonly chosen: readonly BoundOverride[];
  readonly file: ParametersFile | null;
  readonly config: readonly BoundOverride<PlacedOverride>[];
}

/** The parameter settings of the config. */
export interface ConfiguredParameters {
  readonly parameters: readonly PlacedOverride[];
  /** null: parameters are set in the config only. */
  readonly parametersFile: string | null;
}

/** All overrides, highest precedence first. */
export function effectiveOverrides({ chosen, file, config }: Parameters): readonly BoundOverride[] {
  return mergeOverrides<BoundOverride>(chosen, file?.overrides ?? [], config);
}

/** Reads and checks all sources. */
export async function loadParameters(
  { parameters, parametersFile }: ConfiguredParameters,
  chosen: readonly ParamOverride[],
  context: CheckContext,
): Promise<{ readonly parameters: Parameters; readonly warnings: readonly string[] } | Problems> {
  const given = bindOverrides(context.declared, chosen);
  const config = bindPlaced(context, parameters);
  const file = parametersFile === null ? null : await readParametersFile(parametersFile, context);
  const wrongFile = file !== null && 'problems' in file;
  const problems = [...given.wrong.map(chosenText), ...config.problems, ...(wrongFile ? file.problems : [])];
  if (problems.length > 0 || wrongFile) return { problems };
  return {
    parameters: { context, chosen: given.bound, config: config.bound, file },
    warnings: [...given.suspicious.map(chosenText), ...config.warnings, ...(file?.warnings ?? [])],
  };
}

function chosenText({ override, fault }: OverrideFault): string {
  return `--param ${describeOverride(override)}: ${faultText(fault)}`;
}
