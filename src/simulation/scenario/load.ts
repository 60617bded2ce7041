import { basename } from 'node:path';
import { nodeIo, type FileIo } from '../../yaml/file-io.ts';
import type { FileKind } from '../../yaml/file-kind.ts';
import { keyName } from '../../yaml/key-path.ts';
import { listProblems, type FileProblem } from '../../yaml/problem.ts';
import { readText } from '../../yaml/read-text.ts';
import { readYaml } from '../../yaml/read-yaml.ts';
import { schemaProblems } from '../../yaml/schema-problems.ts';
import { expand } from './expand.ts';
import type { Scenario } from './model.ts';
import { scenarioSchema } from './schema.ts';

/** A day in steps of a minute for each of 200 guests has 5 MiB. */
const SCENARIO_FILE: FileKind = { name: 'scenario', example: 'duration: 24h', mostMib: 32 };

export type LoadedScenario = { readonly scenario: Scenario } | { readonly problems: readonly FileProblem[] };

/** Reads a scenario. All problems are returned at once, in file order; nothing throws because of the file. */
export async function loadScenario(path: string, io: FileIo = nodeIo): Promise<LoadedScenario> {
  const source = await readText(path, SCENARIO_FILE, io);
  if ('problem' in source) return { problems: [{ file: path, line: null, column: null, message: source.problem }] };
  return parseScenario(path, source.text);
}

/** {@link loadScenario} for a text. @param path the path that the text would have */
export function parseScenario(path: string, text: string): LoadedScenario {
  const { yaml, problems } = readYaml(path, text, SCENARIO_FILE);
  if (yaml === null) return { problems: listProblems(problems) };
  const parsed = scenarioSchema.safeParse(yaml.value ?? {});
  if (!parsed.success)
    problems.push(...schemaProblems(parsed.error.issues, { yaml, file: path, schema: scenarioSchema }));
  if (!parsed.success || problems.length > 0) return { problems: listProblems(problems) };
  const expanded = expand(basename(path).replace(/\.ya?ml$/, ''), parsed.data);
  if ('scenario' in expanded) return expanded;
  const { path: at, problem } = expanded;
  return { problems: [{ file: path, ...yaml.valueAt(at), message: `${keyName(at)}: ${problem}` }] };
}
