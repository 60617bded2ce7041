/** How scenarios are simulated: what all commands that do so can be told. */
export interface SimulationChoice {
  /** null: the defaults. */
  readonly config: string | null;
  /** The first of the seeds, and how many there are. */
  readonly seed: number;
  readonly seeds: number;
  /** null: as long as the scenario says. */
  readonly durationMs: number | null;
  /** Threads; null: one for each CPU. */
  readonly jobs: number | null;
  /** Whether results of before are used. */
  readonly cache: boolean;
  readonly json: boolean;
}
