import { openRecording, RecordingError } from '../recording/reader.ts';
import { NoDemandError, type Fitted } from '../simulation/import/fitted.ts';
import { RecordingFit } from '../simulation/import/recording/fit.ts';
import { loadScenario } from '../simulation/scenario/load.ts';
import { withMore } from '../simulation/scenario/more.ts';
import { OperatorError } from '../support/operator-error.ts';
import { renderProblem } from '../yaml/problem.ts';
import { sourceKind, type SourceKind } from './source-kind.ts';

/** A range of time, milliseconds since the epoch, both ends included. */
export interface SourceRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SourceOptions {
  /** So many guests more than there are. */
  readonly more?: number;
  /** Only so much of the beginning; null: all. */
  readonly durationMs?: number | null;
  /** Which part of a recording or a trace is used, given when it begins and ends. Absent: all. */
  readonly range?: ((firstMs: number, lastMs: number) => SourceRange) | null;
  /** What is read only in part, or left out. */
  readonly warn: (message: string) => void;
}

/** A scenario from a scenario file, a recording or a trace. */
export interface LoadedSource extends Fitted {
  readonly kind: SourceKind;
}

/**
 * Scenarios from whatever an operator has: scenario files and recordings. Each path is one scenario.
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
      loaded.push(await loadSource(path, options));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
  return loaded;
}

async function loadSource(path: string, options: SourceOptions): Promise<LoadedSource> {
  const kind = await sourceKind(path);
  const { scenario, inferred } = kind === 'recording' ? await fitRecording([path], options) : await scenarioFile(path);
  const { more = 0, durationMs = null } = options;
  const limitS = durationMs === null ? Infinity : Math.floor(durationMs / 1000);
  const shortened = { ...scenario, durationS: Math.min(scenario.durationS, limitS) };
  return { kind, inferred, scenario: more === 0 ? shortened : withMore(shortened, more) };
}

async function scenarioFile(path: string): Promise<Fitted> {
  const loaded = await loadScenario(path);
  if ('problems' in loaded) throw new OperatorError(loaded.problems.map(renderProblem).join('\n'));
  return { scenario: loaded.scenario, inferred: [] };
}

/** @param files of one recording, oldest first @throws NoDemandError */
async function fitRecording(files: readonly string[], { range, warn }: SourceOptions): Promise<Fitted> {
  const fit = new RecordingFit(files[0]!);
  const { fromMs, toMs } = await rangeOf(files, range ?? null);
  for (const file of files) {
    try {
      const { header, intervals } = await openRecording(file, { onCutOff: warn });
      fit.begin(header);
      for await (const interval of intervals) {
        const { timeMs } = interval.snapshot;
        if (timeMs >= fromMs && timeMs <= toMs) fit.add(interval);
      }
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      throw new NoDemandError(error.message, { cause: error });
    }
  }
  return fit.result(nameOf(files[0]!));
}

async function rangeOf(
  files: readonly string[],
  range: NonNullable<SourceOptions['range']> | null,
): Promise<SourceRange> {
  const all = { fromMs: -Infinity, toMs: Infinity };
  if (range === null) return all;
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const file of files) {
    const { intervals } = await openRecording(file, { onCutOff: () => {} });
    for await (const { snapshot, context } of intervals) {
      if (context) continue;
      firstMs = Math.min(firstMs, snapshot.timeMs);
      lastMs = Math.max(lastMs, snapshot.timeMs);
    }
  }
  return firstMs === Infinity ? all : range(firstMs, lastMs);
}

/** A path without folder and ending. */
export function nameOf(path: string): string {
  const name = path.replace(/^.*\//, '').replace(/(?:\.jsonl|\.ya?ml|\.csv)?(?:\.gz)?$/, '');
  return name === '' ? 'recording' : name;
}
