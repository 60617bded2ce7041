import { loadSetup, type Setup, type SetupChoice } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { ShadowChoice } from '../../compose/shadow.ts';
import type { Io } from './io.ts';

/**
 * Loads the files of a command that needs a policy.
 * @param noPolicy the error message if no policy is given
 * @throws SetupError
 */
export async function policySetup(choice: SetupChoice, noPolicy: string, color: boolean): Promise<Setup> {
  const setup = await loadSetup(choice, color);
  if (setup.policies.sources.length === 0) throw new SetupError(noPolicy);
  return setup;
}

/** The policy options of commands that read recordings. */
export interface RecordingChoice {
  readonly policies: readonly string[];
  /** Values for parameters that override the recorded ones. */
  readonly parameters?: readonly ParamOverride[];
  readonly config: string | null;
  /** Absent: no second policy. */
  readonly shadow?: ShadowChoice;
}

const NO_POLICY_FOR_RECORDING =
  'no policy given, and recordings contain none: use --policy FILE, or --config FILE with a policy in it';

/**
 * Loads the policies for a command that reads recordings. Their warnings are written to standard error.
 * @throws SetupError
 */
export async function recordingSetup(
  { config, policies, parameters = [], shadow }: RecordingChoice,
  io: Pick<Io, 'stderr'>,
): Promise<Setup> {
  const setup = await policySetup(
    // The recording contains the parameter values of its time; the file may have changed since.
    { configPath: config, policies, parameters, withParametersFile: false, ...(shadow !== undefined && { shadow }) },
    NO_POLICY_FOR_RECORDING,
    io.stderr.isTTY === true,
  );
  io.stderr.write(setup.warnings);
  return setup;
}

const NO_POLICY_FOR_PARAMETERS =
  'no policy given, and no daemon runs: use --config FILE with a policy in it, such as /etc/ballast/ballast.yaml, or --policy FILE';

/**
 * Loads the policies to list or set their parameters. Warnings are not written.
 * @throws SetupError
 */
export function parametersSetup(
  choice: Pick<SetupChoice, 'configPath' | 'policies' | 'withParametersFile'>,
  io: Pick<Io, 'stderr'>,
): Promise<Setup> {
  return policySetup(choice, NO_POLICY_FOR_PARAMETERS, io.stderr.isTTY === true);
}
