import { loadScenarios } from '../../compose/scenario-source.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { warnOfInferred } from './inferred.ts';
import type { Io } from './io.ts';

/**
 * The scenarios of a command that simulates, from scenario files and recordings. What a model of a recording only assumes is printed as
 * a warning.
 * @throws OperatorError with all problems of all files
 */
export async function readScenarios(
  {
    files,
    durationMs,
    more,
  }: { readonly files: readonly string[]; readonly durationMs: number | null; readonly more: number },
  io: Io,
): Promise<readonly Scenario[]> {
  const warn = (text: string): void => void io.stderr.write(`warning: ${text}\n`);
  const sources = await loadScenarios(files, { more, durationMs, warn });
  warnOfInferred(sources, io);
  return sources.map(({ scenario }) => scenario);
}
