import type { SimulationJob } from '../../compose/simulation-job.ts';
import { recordedFit } from '../../compose/scenario-source.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { Playback } from '../../simulation/import/recording/playback.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';
import { withMore } from '../../simulation/scenario/more.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { EXIT } from '../support/exit-codes.ts';
import { warnOfInferred } from '../support/inferred.ts';
import type { Io } from '../support/io.ts';
import { Progress } from '../support/progress.ts';
import { runSimulations } from '../support/run-simulations.ts';
import { comparedPolicies } from '../support/simulated-policies.ts';
import { jsonLine, resultTable, type Finished } from './simulate-text.ts';
import { errorJson, errorTable } from './whatif-text.ts';
import { rangeOf } from './write-scenario.ts';

export interface WhatIfOptions {
  /** Files of one recording. */
  readonly recordings: readonly string[];
  readonly config: string | null;
  /** What is simulated, as given, each on its own. */
  readonly policies: readonly string[];
  readonly parameters: readonly ParamOverride[];
  readonly seed: number;
  readonly durationMs: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly more: number;
  /** null: one for each CPU. */
  readonly jobs: number | null;
  readonly cache: boolean;
  readonly json: boolean;
}

/** The column of what was recorded. */
const AS_RECORDED = 'as recorded';

/** How often others get a turn, simulated seconds. */
const TURN_S = 300;

/**
 * `ballast whatif`: simulates policies on the demand of a recording. What was recorded is simulated too, and compared with the recording: so
 * far the model is wrong for this host.
 * @throws OperatorError
 */
export async function simulateRecording(options: WhatIfOptions, io: Io, stop: AbortSignal): Promise<number> {
  const { recordings, policies, config, parameters, seed, more } = options;
  if (policies.length === 0)
    throw new OperatorError('no policy given: use --policy balanced, for example; it can be given several times');
  const steered = await comparedPolicies(policies, { config, parameters }, io);
  const warn = (text: string): void => void io.stderr.write(`warning: ${text}\n`);
  const source = await recordedFit(recordings, { durationMs: options.durationMs, range: rangeOf(options), warn });
  warnOfInferred([source], io);
  const { scenario } = source;
  const playback = new Playback(source.fit, scenario, seed);
  if (!(await played(playback, scenario, io, stop))) return stopped(io, 0, policies.length + 1);
  const errors = playback.errors();
  io.stdout.write(options.json ? errorJson(scenario, errors) : errorTable(errors));
  const wanted = more === 0 ? scenario : withMore(scenario, more);
  const jobs = steered.map(({ files }): SimulationJob => ({
    scenario: wanted,
    seed,
    config,
    policies: files,
    parameters,
    output: null,
  }));
  const results = await runSimulations(jobs, options, io, stop);
  const columns: Finished[] = [
    { scenario: { ...scenario, name: AS_RECORDED }, seed, result: { ...playback.result(), simulatedS: playback.nowS } },
  ];
  for (const [at, { policy }] of steered.entries()) {
    const result = results[at];
    if (result !== undefined) columns.push({ scenario: { ...wanted, name: labelOf(policy, more) }, seed, result });
  }
  io.stdout.write(options.json ? columns.map(jsonLine).join('') : resultTable(columns));
  return columns.length === jobs.length + 1 ? EXIT.ok : stopped(io, columns.length, jobs.length + 1);
}

function labelOf(policy: string, more: number): string {
  return more === 0 ? policy : `${policy}, ${more} more`;
}

function stopped(io: Io, done: number, all: number): number {
  io.stderr.write(`stopped: ${done} of ${all} simulations finished\n`);
  return EXIT.problems;
}

/** @returns false: it was stopped */
async function played(playback: Playback, { durationS }: Scenario, io: Io, stop: AbortSignal): Promise<boolean> {
  const progress = new Progress(io.stderr, durationS, 'played back');
  try {
    while (playback.nowS < durationS) {
      playback.step();
      if (playback.nowS % TURN_S !== 0) continue;
      progress.show(playback.nowS);
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.aborted) return false;
    }
    return true;
  } finally {
    progress.clear();
  }
}
