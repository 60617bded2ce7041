import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingAnalysis } from '../../analysis/recording-analysis.ts';
import { compare } from '../../comparison/comparison.ts';
import { guestBuckets, reportPage } from '../../report/page.ts';
import { EPOCH_MS } from '../../simulation/constants.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { recordingFiles, visitRecordings } from '../support/all-recordings.ts';
import type { Io } from '../support/io.ts';
import { sha256, writeComparisonPage, writeTo } from '../support/write-page.ts';
import { VERSION } from '../version.ts';
import { comparedScenario } from './compared-scenario.ts';
import type { Finished } from './simulate-text.ts';

/** A folder for a recording that nobody wants to keep. */
export class TemporaryRecording {
  readonly #folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'simulation.jsonl');
  }

  static async create(): Promise<TemporaryRecording> {
    return new TemporaryRecording(await mkdtemp(join(tmpdir(), 'ballast-simulation-')));
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface SimulatedPage {
  /** The page to write. */
  readonly path: string;
  /** What steers it, in words. */
  readonly policy: string;
}

/**
 * Writes the page of one simulation: that of its recording, with what only a simulation knows.
 * @throws OperatorError
 */
export async function writeSimulationPage(
  { path, policy }: SimulatedPage,
  { scenario, seed, result }: Finished,
  recording: string,
  io: Io,
  stop: AbortSignal,
): Promise<void> {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const analysis = new RecordingAnalysis({ guestBuckets });
  await visitRecordings(
    await recordingFiles([recording], warn),
    { begin: ({ header }) => analysis.begin(header), interval: (interval) => analysis.add(interval) },
    io,
    { verb: 'read', stop, warn },
  );
  const analysed = analysis.result();
  if (analysed === null || stop.aborted) throw new OperatorError(`interrupted: ${path} was not written`);
  const simulated = {
    ...{ scenario: scenario.name, story: scenario.story, policy, seed, startMs: EPOCH_MS, measured: result },
  };
  const sources = [`the simulation of ${scenario.name}`];
  await writeTo(path, reportPage(analysed, { sources, warnings, version: VERSION, simulated, sha256 }));
}

/** Writes the page of several simulations with one policy. @throws OperatorError */
export async function writeSimulationsPage(
  { path, policy }: SimulatedPage,
  scenarios: readonly Scenario[],
  finished: readonly Finished[],
  warning: string | null,
): Promise<void> {
  const comparison = compare({
    scenarios: scenarios.map(comparedScenario),
    policies: [policy],
    seeds: [...new Set(finished.map(({ seed }) => seed))].sort((one, other) => one - other),
    runs: finished.map(({ scenario, seed, result }) => ({ scenario: scenario.name, policy, seed, measured: result })),
  });
  await writeComparisonPage(path, comparison, { gates: [], warning });
}
