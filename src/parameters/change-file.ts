import { describeOverride, type ParamOverride } from '../model/parameter.ts';
import { bindOverrides, faultText } from '../policy/index.ts';
import { replaceFile } from '../support/replace-file.ts';
import { editParameters } from './edit-file.ts';
import { checkParameters, parametersDisk, parseParameters } from './file.ts';
import { renderProblem } from '../yaml/problem.ts';
import type { CheckContext, Problems } from './check.ts';

/** A change of one value. `given` null: remove it. */
export type ParameterFileChange = Pick<ParamOverride, 'name' | 'target'> & { readonly given: string | number | null };

const HEADER = `# Values for parameters of the policies, before those of the config. Written by a running Ballast; edits by hand are welcome.
`;

/**
 * Changes one value in a parameters file, unless the daemon would reject the file then.
 * @returns whether something had to be changed; or what is wrong, and nothing was changed
 * @throws a Node file system error with its `code` when the file cannot be written
 */
export async function changeParametersFile(
  path: string,
  change: ParameterFileChange,
  context: CheckContext,
): Promise<{ readonly changed: boolean } | Problems> {
  const { given, ...target } = change;
  if (given !== null) {
    const { wrong } = bindOverrides(context.declared, [{ ...target, given }]);
    if (wrong.length > 0)
      return { problems: wrong.map(({ fault }) => `${describeOverride(target)}: ${faultText(fault)}`) };
  }
  const source = (await parametersDisk.read(path, await parametersDisk.stampOf(path))) ?? { text: HEADER };
  if ('problem' in source)
    return { problems: [renderProblem({ file: path, line: null, column: null, message: source.problem })] };
  const readable = parseParameters(path, source.text);
  if ('errors' in readable) return { problems: readable.errors.map(renderProblem) };
  const text = editParameters(source.text, change);
  if (text === null || text === source.text) return { changed: false };
  const after = checkParameters(path, '', text, context);
  // Removing an entry may mend the file.
  if (given !== null && 'problems' in after) return after;
  await replaceFile(path, text, 0o644);
  return { changed: true };
}
