import { parseParameters } from './parse.ts';
import type { PlacedOverride } from './schema.ts';
import { renderProblem } from '../yaml/problem.ts';
import { describeOverride, mergeOverrides, type ParamOverride } from '../model/parameter.ts';
import { bindOverrides, type BoundOverride, type Judged, type Program } from '../policy/index.ts';
import { parametersDisk, type ParametersDisk } from './disk.ts';

type Declared = Pick<Program, 'params' | 'fixed'>;

/** How overrides are judged. */
export interface Judge {
  readonly declared: Declared;
  /**
   * Whether the config is for other policies than these (from the command line): then parameters that these do not declare
   * are left out, and said.
   */
  readonly otherPolicies: boolean;
}

/** What is set for the parameters of a policy, by where it was written. All of it fits the policy. */
export interface Parameters {
  readonly judge: Judge;
  /** From the command line. */
  readonly chosen: readonly BoundOverride[];
  readonly file: ParametersFile | null;
  readonly config: readonly BoundOverride<PlacedOverride>[];
}

/** The parameters file as it was read last. */
export interface ParametersFile {
  readonly path: string;
  /** What a change of the file changes. */
  readonly stamp: string;
  readonly overrides: readonly BoundOverride<PlacedOverride>[];
  /** What was left out, and why; and what may be meant otherwise. */
  readonly warnings: readonly string[];
}

/** What is wrong, a line for each. */
export interface Problems {
  readonly problems: readonly string[];
}

/** What counts, what comes first before what it hides. */
export function inForce({ chosen, file, config }: Parameters): readonly BoundOverride[] {
  return mergeOverrides<BoundOverride>(chosen, file?.overrides ?? [], config);
}

/** What the config says of parameters. */
export interface ConfiguredParameters {
  readonly parameters: readonly PlacedOverride[];
  /** null: parameters are set in the config only. */
  readonly parametersFile: string | null;
}

/** Reads and judges everything that is set. */
export async function loadParameters(
  { parameters, parametersFile }: ConfiguredParameters,
  chosen: readonly ParamOverride[],
  judge: Judge,
): Promise<{ readonly parameters: Parameters; readonly warnings: readonly string[] } | Problems> {
  const given = bindOverrides(judge.declared, chosen);
  const config = bindPlaced(judge, parameters);
  const file =
    parametersFile === null
      ? null
      : await readParametersFile(parametersFile, await parametersDisk.stampOf(parametersFile), judge);
  const wrongFile = file !== null && 'problems' in file;
  const problems = [...given.wrong.map(chosenText), ...config.problems, ...(wrongFile ? file.problems : [])];
  if (problems.length > 0 || wrongFile) return { problems };
  return {
    parameters: { judge, chosen: given.bound, config: config.bound, file },
    warnings: [...given.doubtful.map(chosenText), ...config.warnings, ...(file?.warnings ?? [])],
  };
}

function chosenText({ override, fault: { message, hint } }: Judged): string {
  return `--param ${describeOverride(override)}: ${message}${hint === null ? '' : `; ${hint}`}`;
}

/** Reads a parameters file. One that does not exist sets nothing. @param stamp of before the reading: what changes meanwhile is read again */
export async function readParametersFile(
  path: string,
  stamp: string,
  judge: Judge,
  disk: ParametersDisk = parametersDisk,
): Promise<ParametersFile | Problems> {
  const written = await writtenParameters(path, stamp, disk);
  return 'problems' in written ? written : judged(path, stamp, written, judge);
}

/** What a parameters file says, judged by no policy. One that does not exist sets nothing. */
export async function writtenParameters(
  path: string,
  stamp: string,
  disk: ParametersDisk,
): Promise<readonly PlacedOverride[] | Problems> {
  const source = await disk.read(path, stamp);
  if (source === null) return [];
  if ('problem' in source)
    return { problems: [renderProblem({ file: path, line: null, column: null, message: source.problem })] };
  return parsed(path, source.text);
}

/** The same for a text that is at hand. */
export function judgeParameters(path: string, stamp: string, text: string, judge: Judge): ParametersFile | Problems {
  const written = parsed(path, text);
  return 'problems' in written ? written : judged(path, stamp, written, judge);
}

function parsed(path: string, text: string): readonly PlacedOverride[] | Problems {
  const found = parseParameters(path, text);
  return 'errors' in found ? { problems: found.errors.map(renderProblem) } : found.overrides;
}

function judged(
  path: string,
  stamp: string,
  overrides: readonly PlacedOverride[],
  judge: Judge,
): ParametersFile | Problems {
  const { bound, problems, warnings } = bindPlaced(judge, overrides);
  return problems.length > 0 ? { problems } : { path, stamp, overrides: bound, warnings };
}

/** Overrides that fit the policy, and what is wrong with the others, with its place. */
export function bindPlaced({ declared, otherPolicies }: Judge, overrides: readonly PlacedOverride[]) {
  const { bound, wrong, doubtful } = bindOverrides(declared, overrides);
  const said = (those: readonly Judged<PlacedOverride>[]): readonly string[] => {
    const lines = those.map(({ override, fault: { code, message, hint } }) => {
      const place = code === 'param-value' ? override.valuePlace : override.namePlace;
      const whose = code === 'param-value' ? `${describeOverride(override)}: ` : '';
      return renderProblem({
        file: override.file,
        ...place,
        message: `${whose}${message}${hint === null ? '' : `; ${hint}`}`,
      });
    });
    // A name that is wrong is wrong for all of its values.
    return [...new Set(lines)];
  };
  const isForeign = ({ fault }: (typeof wrong)[number]) => otherPolicies && fault.code === 'unknown-param';
  const warnings = [...said(wrong.filter(isForeign)).map((line) => `${line} (left out)`), ...said(doubtful)];
  return { bound, problems: said(wrong.filter((each) => !isForeign(each))), warnings };
}
