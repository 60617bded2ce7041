import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SteeredBy } from '../../compose/simulation-job.ts';
import { loadSetup } from '../../compose/setup.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { OperatorError } from '../../support/operator-error.ts';
import type { Io } from './io.ts';
import { shippedPolicies } from './shipped-policies.ts';

/** The policy that decides nothing, and the one that knows the future: they are no files. */
export const NONE = 'none';
const ORACLE = 'oracle';

/** What steers a simulated host: one program made of some policies. */
export interface Steering {
  readonly config: string | null;
  readonly policies: SteeredBy;
  readonly parameters: readonly ParamOverride[];
}

/**
 * The files of policies that form one program.
 * @param given files and names; a plus sign joins some, such as `balanced+ksm-budget`, unless a file is named so
 * @throws OperatorError
 */
export async function policyFiles(given: readonly string[]): Promise<SteeredBy> {
  const each = given.flatMap((name) => (existsSync(name) ? [name] : name.split('+')));
  const alone = each.find((name) => name === NONE || name === ORACLE);
  if (alone === undefined) return Promise.all(each.map(policyFile));
  if (each.length > 1) throw new OperatorError(`the policy ${alone} cannot be combined with others`);
  return alone === NONE ? null : ORACLE;
}

async function policyFile(given: string): Promise<string> {
  const name = /^([a-z][a-z-]{0,40})(?:\.policy)?$/.exec(given)?.[1];
  if (existsSync(given) || name === undefined) return given;
  const folder = await shippedPolicies();
  const shipped = join(folder, `${name}.policy`);
  if (existsSync(shipped)) return shipped;
  const names = (await readdir(folder)).filter((file) => file.endsWith('.policy')).map((file) => file.slice(0, -7));
  const known = [...names.toSorted(), NONE, ORACLE].join(', ');
  throw new OperatorError(`there is no policy "${given}": expected a file, or one of ${known}`);
}

/** A policy of a comparison, as it was given, and its files. */
export interface ComparedPolicy {
  readonly policy: string;
  readonly files: SteeredBy;
}

/** The files of policies that are simulated each on its own, without mistakes. @throws SetupError, OperatorError */
export async function comparedPolicies(
  policies: readonly string[],
  { config, parameters }: Omit<Steering, 'policies'>,
  io: Io,
): Promise<readonly ComparedPolicy[]> {
  const found = await Promise.all(policies.map(async (policy) => ({ policy, files: await policyFiles([policy]) })));
  for (const { files } of found) await checkPolicies({ config, policies: files, parameters }, io);
  return found;
}

/** Finds the mistakes of policies and parameters before anything is simulated, and prints their warnings. @throws SetupError, OperatorError */
export async function checkPolicies({ config, policies, parameters }: Steering, io: Io): Promise<void> {
  if (policies === null || policies === ORACLE) return;
  const setup = await loadSetup({ configPath: config, policies, parameters }, io.stderr.isTTY === true);
  if (setup.policies.sources.length === 0)
    throw new OperatorError(
      'no policy given: use --policy FILE, --policy balanced, --policy none, or --config FILE with a policy in it',
    );
  io.stderr.write(setup.warnings);
}
