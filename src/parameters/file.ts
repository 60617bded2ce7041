import { stat } from 'node:fs/promises';
import type { BoundOverride } from '../policy/index.ts';
import { fileStamp } from '../support/file-stamp.ts';
import type { FileKind } from '../yaml/file-kind.ts';
import { listProblems, renderProblem, type FileProblem } from '../yaml/problem.ts';
import { readText, type ReadText } from '../yaml/read-text.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { schemaProblems } from '../yaml/schema-problems.ts';
import { parametersSchema, placeOverrides, type PlacedOverride } from './group.ts';
import { bindPlaced, type CheckContext, type Problems } from './check.ts';

/** The parameters file as last read. */
export interface ParametersFile {
  readonly path: string;
  /** Identifies the content: changes when the file changes. */
  readonly stamp: string;
  readonly overrides: readonly BoundOverride<PlacedOverride>[];
  /** Overrides that were ignored, with the reason, and ambiguous ones. */
  readonly warnings: readonly string[];
}

/** The file system; tests replace it with one that hangs. */
export interface ParametersDisk {
  /** Size, times and inode, which change with the content; a constant for anything but a regular file. Never rejects. */
  stampOf(path: string): Promise<string>;
  /** @param stamp taken before reading; null: the file does not exist */
  read(path: string, stamp: string): Promise<ReadText | null>;
}

const PARAMETERS_FILE: FileKind = { name: 'parameters file', example: 'pressure_threshold: 25%' };
const SCHEMA = parametersSchema('A parameters file.');

const ABSENT = 'absent';
const DIRECTORY = 'directory';
const NOT_ORDINARY = 'not ordinary';

export const parametersDisk: ParametersDisk = {
  async stampOf(path) {
    try {
      const found = await stat(path, { bigint: true });
      if (found.isDirectory()) return DIRECTORY;
      return found.isFile() ? fileStamp(found) : NOT_ORDINARY;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? ABSENT : `error ${code}`;
    }
  },
  async read(path, stamp) {
    if (stamp === ABSENT) return null;
    // Opening a pipe without a writer blocks.
    if (stamp === NOT_ORDINARY) return { problem: 'is a pipe or a device; expected a regular file' };
    return readText(path, PARAMETERS_FILE);
  },
};

/**
 * Reads a parameters file. A missing file sets nothing.
 * @param stamp taken before reading, so that later changes are detected
 */
export async function readParametersFile(
  path: string,
  context: CheckContext,
  disk: ParametersDisk = parametersDisk,
  stamp?: string,
): Promise<ParametersFile | Problems> {
  const before = stamp ?? (await disk.stampOf(path));
  const written = await writtenParameters(path, disk, before);
  return 'problems' in written ? written : checked(path, before, written, context);
}

/** The content of a parameters file, not checked against a policy. A missing file sets nothing. */
export async function writtenParameters(
  path: string,
  disk: ParametersDisk = parametersDisk,
  stamp?: string,
): Promise<readonly PlacedOverride[] | Problems> {
  const source = await disk.read(path, stamp ?? (await disk.stampOf(path)));
  if (source === null) return [];
  if ('problem' in source)
    return { problems: [renderProblem({ file: path, line: null, column: null, message: source.problem })] };
  return parsed(path, source.text);
}

/** {@link readParametersFile} for a text. */
export function checkParameters(
  path: string,
  stamp: string,
  text: string,
  context: CheckContext,
): ParametersFile | Problems {
  const written = parsed(path, text);
  return 'problems' in written ? written : checked(path, stamp, written, context);
}

/** Parses a parameters file. It has the form of `policy.parameters`. */
export function parseParameters(
  file: string,
  text: string,
): { readonly overrides: readonly PlacedOverride[] } | { readonly errors: readonly FileProblem[] } {
  const { yaml, problems } = readYaml(file, text, PARAMETERS_FILE);
  if (yaml === null) return { errors: listProblems(problems) };
  const result = SCHEMA.safeParse(yaml.value);
  if (!result.success) problems.push(...schemaProblems(result.error.issues, { yaml, file, schema: SCHEMA }));
  if (!result.success || problems.length > 0) return { errors: listProblems(problems) };
  return { overrides: placeOverrides(result.data ?? [], [], yaml, file) };
}

function parsed(path: string, text: string): readonly PlacedOverride[] | Problems {
  const found = parseParameters(path, text);
  return 'errors' in found ? { problems: found.errors.map(renderProblem) } : found.overrides;
}

function checked(
  path: string,
  stamp: string,
  overrides: readonly PlacedOverride[],
  context: CheckContext,
): ParametersFile | Problems {
  const { bound, problems, warnings } = bindPlaced(context, overrides);
  return problems.length > 0 ? { problems } : { path, stamp, overrides: bound, warnings };
}
