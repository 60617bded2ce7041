import type { Config } from '../config/model.ts';
import { directoriesOf } from '../config/directories.ts';
import { parametersDisk, readParametersFile } from '../parameters/file.ts';
import type { Parameters } from '../parameters/parameters.ts';

/**
 * The parameters with the file that keeps what is set through the control socket, where the config names none for it. Unlike that of
 * the config, a file that is damaged or does not fit the policies must not keep the daemon from starting: nobody has written it.
 * @param onProblem told of each mistake in the file, which then sets nothing
 */
export async function withKeptParameters(
  parameters: Parameters,
  config: Config,
  userRuntime: string | undefined,
  onProblem: (message: string) => void,
): Promise<Parameters> {
  if (!config.control.enabled || parameters.file !== null) return parameters;
  const path = directoriesOf(config, userRuntime).parameters;
  const stamp = await parametersDisk.stampOf(path);
  const file = await readParametersFile(path, parameters.context, parametersDisk, stamp);
  if (!('problems' in file)) return { ...parameters, file };
  onProblem(
    `What was set through control.sock is not in effect, because its file is wrong; correct or remove ${path}:`,
  );
  for (const problem of file.problems) onProblem(problem);
  return { ...parameters, file: { path, stamp, overrides: [], warnings: [] } };
}
