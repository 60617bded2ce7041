import { describeOverride, type ParamTarget } from '../../model/parameter.ts';
import { changeParametersFile, type ParameterFileChange } from '../../parameters/change-file.ts';
import { ApiError } from '../server/api-error.ts';
import { orNotWritten } from './or-refused.ts';
import type { ControlParts, Note } from './parts.ts';

/** Sets or resets a parameter in the file that keeps it. @throws ApiError */
export async function changeParameter(
  { running: { parameters } }: ControlParts,
  change: ParameterFileChange,
  client: string,
  note: Note,
): Promise<void> {
  const set = parameters.parameters;
  const path = set?.file?.path;
  if (!set || path === undefined)
    throw new ApiError(409, 'this daemon evaluates no policy, so there are no parameters');
  const result = await orNotWritten(path, () => changeParametersFile(path, change, set.context));
  if ('problems' in result) throw new ApiError(400, result.problems[0] ?? 'the value is invalid', result.problems);
  const what = describeOverride(change);
  if (change.given === null && !result.changed) throw new ApiError(404, `${what} is not set in ${path}`);
  note(client, change.given === null ? `Parameter ${what} reset` : `Parameter ${what} set to ${change.given}`);
  await parameters.check();
}

/** @throws ApiError */
export function targetOf({
  label,
  guests,
}: {
  readonly label?: string | undefined;
  readonly guests?: string | undefined;
}): ParamTarget {
  if (label !== undefined && guests !== undefined)
    throw new ApiError(400, 'label and guests exclude each other: set the value once for each');
  if (label !== undefined) return { kind: 'label', label };
  return guests === undefined ? { kind: 'all' } : { kind: 'guest', pattern: guests };
}
