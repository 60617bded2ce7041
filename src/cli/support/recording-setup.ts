import { loadSetup, SetupError, type Setup } from '../../compose/setup.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { Io } from './io.ts';

/** What a command that looks at recordings is told of the policy. */
export interface RecordingChoice {
  readonly policies: readonly string[];
  /** Values for parameters in place of those that were recorded. */
  readonly parameters?: readonly ParamOverride[];
  readonly config: string | null;
}

/** The policies for a look at a recording; null when they are wrong or there are none, which has been said. */
export async function recordingSetup(
  { config, policies, parameters = [] }: RecordingChoice,
  io: Io,
): Promise<Setup | null> {
  let setup: Setup;
  try {
    // What the parameters file said then is in the recording; now it may say something else.
    setup = await loadSetup(
      { configPath: config, policies, parameters, withParametersFile: false },
      io.stderr.isTTY === true,
    );
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return null;
  }
  if (setup.policies.sources.length === 0) {
    io.stderr.write(
      'no policy is named, and a recording holds none: give --policy FILE, or --config FILE with a policy in it\n',
    );
    return null;
  }
  if (setup.warnings !== '') io.stderr.write(setup.warnings);
  return setup;
}
