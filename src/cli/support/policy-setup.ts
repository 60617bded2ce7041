import { loadSetup, type Setup, type SetupChoice } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Io } from './io.ts';

/**
 * Loads the files of a command that needs a policy.
 * @param noPolicy what the operator is told when none is named
 * @throws SetupError
 */
export async function policySetup(choice: SetupChoice, noPolicy: string, color: boolean): Promise<Setup> {
  const setup = await loadSetup(choice, color);
  if (setup.policies.sources.length === 0) throw new SetupError(noPolicy);
  return setup;
}

/** What a command that looks at recordings is told of the policy. */
export interface RecordingChoice {
  readonly policies: readonly string[];
  /** Values for parameters in place of those that were recorded. */
  readonly parameters?: readonly ParamOverride[];
  readonly config: string | null;
}

const NO_POLICY_FOR_RECORDING =
  'no policy is named, and a recording holds none: give --policy FILE, or --config FILE with a policy in it';

/**
 * The policies for a look at a recording. Their warnings are written to standard error.
 * @throws SetupError
 */
export async function recordingSetup(
  { config, policies, parameters = [] }: RecordingChoice,
  io: Pick<Io, 'stderr'>,
): Promise<Setup> {
  const setup = await policySetup(
    // What the parameters file said then is in the recording; now it may say something else.
    { configPath: config, policies, parameters, withParametersFile: false },
    NO_POLICY_FOR_RECORDING,
    io.stderr.isTTY === true,
  );
  io.stderr.write(setup.warnings);
  return setup;
}

const NO_POLICY_FOR_PARAMETERS = 'no policy is named: give --config FILE with a policy in it, or --policy FILE';

/**
 * The policies whose parameters are looked at or set.
 * @throws SetupError
 */
export function parametersSetup(
  choice: Pick<SetupChoice, 'configPath' | 'policies' | 'withParametersFile'>,
  io: Pick<Io, 'stderr'>,
): Promise<Setup> {
  return policySetup(choice, NO_POLICY_FOR_PARAMETERS, io.stderr.isTTY === true);
}
