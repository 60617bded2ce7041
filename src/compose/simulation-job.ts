import type { IntervalReport } from '../model/interval-report.ts';
import type { ParamOverride } from '../model/parameter.ts';
import { IntervalRecorder } from '../observe/interval-recorder.ts';
import type { RecordingEvent } from '../recording/writer.ts';
import { boundOf } from '../simulation/bound/bound.ts';
import type { Scenario } from '../simulation/scenario/model.ts';
import { OperatorError } from '../support/operator-error.ts';
import { unwritable } from '../model/file-errors.ts';
import { loadHostSetup, loadSetup } from './setup.ts';
import { TableRecorder, type TableOutput } from './table-recorder.ts';
import { vocabularyFor } from './vocabulary.ts';
import { Simulation, type Simulated, type SimulationResult } from './simulation.ts';

/** Policy files; empty: those of the config. null: nothing is decided, and no guard acts. `oracle`: it knows the future. */
export type SteeredBy = readonly string[] | null | 'oracle';

/** One simulation, as plain data that can be sent to a thread. */
export interface SimulationJob {
  readonly scenario: Scenario;
  readonly seed: number;
  /** null: the defaults. */
  readonly config: string | null;
  readonly policies: SteeredBy;
  readonly parameters: readonly ParamOverride[];
  /** Where to record it; null: nowhere. */
  readonly output: string | null;
  /** Where to write it as tables; Absent: nowhere. */
  readonly tables?: TableOutput;
  /** Whether the result has a series of each guest, which is as long as the guests are many. */
  readonly guestSeries?: boolean;
}

/**
 * @param onProgress called with the simulated seconds @throws SetupError, OperatorError
 */
export async function runJob(
  job: SimulationJob,
  stop: AbortSignal,
  onProgress: (simulatedS: number) => void,
): Promise<SimulationResult> {
  const simulated = await setUp(job);
  const simulation = new Simulation(simulated);
  const recorder = job.output === null ? null : new CheckedRecorder(simulated, simulation, job.output);
  const tables =
    job.tables === undefined
      ? null
      : new TableRecorder(simulated, simulation, job.tables, await vocabularyFor(job.config));
  try {
    const result = await simulation.run(stop, async (report, nowS) => {
      onProgress(nowS);
      await recorder?.observe(report);
      await tables?.observe(report);
    });
    // What was stopped has no result, and no tables either.
    if (!stop.aborted) await tables?.publish();
    const { scenario, seed } = job;
    return { ...result, bound: boundOf({ ...scenario, durationS: result.simulatedS }, seed) };
  } finally {
    await tables?.discard();
    await recorder?.close();
  }
}

/** @throws SetupError */
async function setUp(job: SimulationJob): Promise<Simulated> {
  const { scenario, seed, config: configPath, policies, parameters, guestSeries = false } = job;
  if (policies === null || policies === 'oracle') {
    const { config, plugins } = await loadHostSetup(configPath);
    const knowsFuture = policies === 'oracle';
    const steered = { plugins, program: null, parameters: null, knowsFuture };
    return { scenario, seed, config: simulatedConfig(config), ...steered, guestSeries };
  }
  const setup = await loadSetup({ configPath, policies, parameters });
  return {
    ...{ scenario, seed, config: simulatedConfig(setup.config), plugins: setup.plugins },
    ...{ program: setup.policies.program, parameters: setup.parameters, guestSeries },
  };
}

/** What a daemon would do that is not told to try only. */
function simulatedConfig<C extends Simulated['config']>(config: C): C {
  return { ...config, dryRun: false, record: null };
}

/** Records a simulation into one file, however large, and stops when it cannot be written. */
class CheckedRecorder {
  readonly #recorder: IntervalRecorder;
  readonly #path: string;
  #failure: Error | null = null;

  constructor({ config }: Simulated, { recordedRun }: Simulation, path: string) {
    this.#path = path;
    const whole = Number.MAX_SAFE_INTEGER;
    const record = { path, rotateBytes: whole, rotateMs: whole, keep: 0, keepMs: whole, keepBytes: whole };
    this.#recorder = new IntervalRecorder({ ...config, record }, recordedRun, (event: RecordingEvent) => {
      if (event.kind === 'failed') this.#failure = event.error;
    });
  }

  async observe(report: IntervalReport): Promise<void> {
    await this.#recorder.observe(report);
    this.#check();
  }

  async close(): Promise<void> {
    await this.#recorder.close();
    this.#check();
  }

  #check(): void {
    if (this.#failure === null) return;
    throw new OperatorError(`${this.#path} cannot be written: ${unwritable(this.#failure) ?? this.#failure.message}`);
  }
}
