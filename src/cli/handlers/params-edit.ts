import { parameterChanges, transition } from '../../parameters/changes.ts';
import { checkParameters, parametersDisk, parseParameters } from '../../parameters/file.ts';
import { effectiveOverrides, type Parameters } from '../../parameters/parameters.ts';
import type { Setup } from '../../compose/setup.ts';
import { editParameters } from '../../parameters/edit-file.ts';
import { renderProblem } from '../../yaml/problem.ts';
import { unwritable } from '../../model/file-errors.ts';
import { describeOverride, overrideKey, type ParamOverride } from '../../model/parameter.ts';
import { escapeControls } from '../../model/text.ts';
import { bindOverrides, type OverrideFault } from '../../policy/index.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { parametersSetup } from '../support/policy-setup.ts';
import { replaceFile } from '../../support/replace-file.ts';

export interface ParamsEditOptions {
  readonly config: string;
  /** `given` null: remove the value. */
  readonly change: Pick<ParamOverride, 'name' | 'target'> & { readonly given: string | null };
}

const HEADER = `# Values for parameters of the policies, before those of the config. Written by "ballast params set"; edits by hand are
# welcome. A running daemon takes changes over with its next evaluation.
`;

/** `ballast params set` and `unset`: edit the parameters file. If there are problems, they are reported and nothing is changed. */
export async function editParametersFile(
  { config, change }: ParamsEditOptions,
  io: Io,
  replace: typeof replaceFile = replaceFile,
): Promise<number> {
  const setup = await parametersSetup({ configPath: config, policies: [], withParametersFile: false }, io);
  const refuse = (...lines: readonly string[]): number => {
    io.stderr.write(lines.map((line) => `${escapeControls(line)}\n`).join(''));
    return EXIT.usage;
  };
  const { parametersFile: path } = setup.config.policy;
  if (path === null) {
    return refuse(
      `no parameters file is configured: write "parameters_file: parameters.yaml" into ${config}, under "policy:", and reload the daemon (SIGHUP) once`,
    );
  }
  const { wrong, suspicious } = checked(change, setup);
  if (wrong[0] !== undefined) return refuse(wrong[0]);
  const source = (await parametersDisk.read(path, await parametersDisk.stampOf(path))) ?? { text: HEADER };
  if ('problem' in source)
    return refuse(renderProblem({ file: path, line: null, column: null, message: source.problem }));
  let { text } = source;
  const readable = parseParameters(path, text);
  if ('errors' in readable) return refuse(...readable.errors.map(renderProblem));
  const before = checkParameters(path, '', text, setup.parameters.context);
  const edited = editParameters(text, { ...change, given: typed(change, setup) });
  if (edited === null) return refuse(`${describeOverride(change)} is not set in ${path}${elsewhere(change, setup)}`);
  if (edited === text) {
    io.stdout.write(
      `${escapeControls(`${describeOverride(change)} already has this value`)} (${path}); nothing was written\n`,
    );
    return EXIT.ok;
  }
  text = edited;
  const after = checkParameters(path, '', text, setup.parameters.context);
  // The daemon would reject a file with other problems; removing an entry is still allowed, because it may fix them.
  if (change.given !== null && 'problems' in after)
    return refuse(...after.problems, 'nothing was changed: the daemon would reject the file');
  try {
    await replace(path, text, 0o644);
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    return refuse(`${path} cannot be written and was not changed: ${why}`);
  }
  if ('problems' in after) {
    refuse(
      ...after.problems,
      `${describeOverride(change)} was removed; the daemon will reject the file until the problems above are fixed`,
    );
    return EXIT.problems;
  }
  for (const line of suspicious) io.stderr.write(`warning: ${escapeControls(line)}\n`);
  const previous: Parameters = 'problems' in before ? setup.parameters : { ...setup.parameters, file: before };
  const changes = parameterChanges(
    effectiveOverrides(previous),
    effectiveOverrides({ ...setup.parameters, file: after }),
    setup.parameters.context,
  );
  const changed = changes.map((each) => `${describeOverride(each.override)} ${transition(each)}`);
  const done = `${describeOverride(change)} is ${change.given === null ? 'removed' : 'written'}`;
  io.stdout.write(
    changed.length === 0
      ? `${escapeControls(done)} (${path}); the value in effect does not change\n`
      : `${escapeControls(changed.join(', '))} (${path}); a running daemon applies it at its next evaluation\n`,
  );
  return EXIT.ok;
}

function checked(
  { given, ...target }: ParamsEditOptions['change'],
  { policies }: Setup,
): { readonly wrong: readonly string[]; readonly suspicious: readonly string[] } {
  if (given === null) return { wrong: [], suspicious: [] };
  const { wrong, suspicious } = bindOverrides(policies.program, [{ ...target, given }]);
  const text = ({ fault: { message, hint } }: OverrideFault) =>
    `${describeOverride(target)}: ${message}${hint === null ? '' : `; ${hint}`}`;
  return { wrong: wrong.map(text), suspicious: suspicious.map(text) };
}

/** Converts the value of a numeric parameter, so that YAML has a number instead of a string. */
function typed({ name, given }: ParamsEditOptions['change'], { policies }: Setup): number | string | null {
  const isNumber = policies.program.params.some(
    (param) => param.name === name && typeof param.value.value === 'number',
  );
  return given !== null && isNumber && /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(given) ? Number(given) : given;
}

function elsewhere(change: ParamsEditOptions['change'], { parameters }: Setup): string {
  const found = parameters.config.find((override) => overrideKey(override) === overrideKey(change));
  return found === undefined ? '' : `; it is set in ${found.file}:${found.valuePlace.line}`;
}
