import { RecordingError } from '../recording/reader.ts';
import { NoDemandError, type Fitted } from '../simulation/import/fitted.ts';
import type { RecordingFit } from '../simulation/import/recording/fit.ts';
import type { Scenario } from '../simulation/scenario/model.ts';
import { loadScenario } from '../simulation/scenario/load.ts';
import { withMore } from '../simulation/scenario/more.ts';
import { OperatorError } from '../support/operator-error.ts';
import { renderProblem } from '../yaml/problem.ts';
import { fitMomFiles, fitRecording, fitTraceFiles, nameOf, recordingFit, type FitOptions } from './fit-files.ts';
import { fitPartition } from './fit-partition.ts';
import { oldestFirst, sourceFiles, type SourceKind } from './source-kind.ts';

export interface SourceOptions extends FitOptions {
  /** So many guests more than there are. */
  readonly more?: number;
  /** Only so much of the beginning; null: all. */
  readonly durationMs?: number | null;
}

/** A scenario from a scenario file, a recording or a trace. */
export interface LoadedSource extends Fitted {
  readonly kind: SourceKind;
}

/**
 * Scenarios from whatever an operator has: scenario files, recordings, traces, and directories of them. Each path is one scenario.
 * @throws OperatorError with the problems of all files
 */
export async function loadScenarios(
  paths: readonly string[],
  options: SourceOptions,
): Promise<readonly LoadedSource[]> {
  const problems: string[] = [];
  const loaded: LoadedSource[] = [];
  for (const path of paths) {
    try {
      loaded.push(await loadSource([path], options));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
  return loaded;
}

/**
 * One scenario from all paths together: the files of one recording, or of traces of one host.
 * @throws OperatorError
 */
export async function loadSource(paths: readonly string[], options: SourceOptions): Promise<LoadedSource> {
  const { kind, files } = await filesOf(paths);
  const { scenario, inferred } = await fit(kind, paths[0]!, files, options);
  const { more = 0, durationMs = null } = options;
  const wanted = shortened(scenario, durationMs);
  return { kind, inferred, scenario: more === 0 ? wanted : withMore(wanted, more) };
}

/** A scenario fitted to a recording, with what it was fitted to. */
export interface RecordedSource extends Fitted {
  readonly fit: RecordingFit;
}

/** @param paths files of one recording, or their directory @throws OperatorError */
export async function recordedFit(paths: readonly string[], options: SourceOptions): Promise<RecordedSource> {
  const { kind, files } = await filesOf(paths);
  if (kind !== 'recording')
    throw new OperatorError(`${paths[0]}: this is not a recording, such as "ballast record" makes`);
  const fit = await recordingFit(files, options);
  const { scenario, inferred } = fit.result(nameOf(files[0]!));
  return { scenario: shortened(scenario, options.durationMs ?? null), inferred, fit };
}

function shortened(scenario: Scenario, durationMs: number | null): Scenario {
  const limitS = durationMs === null ? Infinity : Math.floor(durationMs / 1000);
  return { ...scenario, durationS: Math.min(scenario.durationS, limitS) };
}

async function filesOf(
  paths: readonly string[],
): Promise<{ readonly kind: SourceKind; readonly files: readonly string[] }> {
  const all: string[] = [];
  let kind: SourceKind | null = null;
  try {
    for (const path of paths) {
      const found = await sourceFiles(path);
      if (kind !== null && (kind !== found.kind || kind === 'scenario'))
        throw new OperatorError(
          `${path}: one scenario is made of files of one kind, and a scenario file of itself only`,
        );
      kind = found.kind;
      all.push(...found.files);
    }
    return { kind: kind ?? 'scenario', files: kind === 'recording' ? await oldestFirst(all) : all };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new NoDemandError(error.message, { cause: error });
  }
}

function fit(kind: SourceKind, path: string, files: readonly string[], options: FitOptions): Promise<Fitted> {
  switch (kind) {
    case 'recording':
      return fitRecording(files, options);
    case 'partition':
      return fitPartition(files, options);
    case 'trace':
      return fitTraceFiles(path, files, options);
    case 'mom':
      return fitMomFiles(path, files, options);
    case 'scenario':
      return scenarioFile(path);
  }
}

async function scenarioFile(path: string): Promise<Fitted> {
  const loaded = await loadScenario(path);
  if ('problems' in loaded) throw new OperatorError(loaded.problems.map(renderProblem).join('\n'));
  return { scenario: loaded.scenario, inferred: [] };
}
