import type { Plan } from '../model/decision.ts';
import type { Judgement } from '../model/interval-report.ts';
import { forgetGuests, type PolicyMemory } from '../model/memory.ts';
import type { PolicyInput, Props, Snapshot } from '../model/snapshot.ts';
import type { EvaluateOptions, ParamResolver, Program } from '../policy/index.ts';
import { decide, NO_DECISION } from './decide.ts';
import type { History } from './history.ts';
import type { HourlyStatistics } from './hourly-statistics.ts';
import type { Requests } from './plan.ts';

export interface ShadowOptions {
  readonly evaluate: EvaluateOptions;
  readonly hostProps: Props;
  /**
   * The guards and controllers, with what the guards remember. What they remember depends on snapshots and on what was really
   * written: a shadow, which writes nothing, shares it with the policy that does.
   */
  readonly plan: (requests: Requests, input: PolicyInput) => Plan;
  /** Those of the policy that writes, which has seen each snapshot before. */
  readonly statistics: HourlyStatistics;
}

/** Decides as another policy would on the same snapshots, with samples and variables of its own. Writes nothing. */
export class ShadowDecider {
  readonly #program: Program;
  readonly #history: History;
  #memory: PolicyMemory;
  #options: ShadowOptions;

  /** @param history its own */
  constructor(program: Program, history: History, memory: PolicyMemory, options: ShadowOptions) {
    this.#program = program;
    this.#history = history;
    this.#memory = memory;
    this.#options = options;
  }

  /** Adds a snapshot; returns null when it cannot be evaluated because host statistics are missing. */
  observe(snapshot: Snapshot): PolicyInput | null {
    this.#history.add(snapshot);
    this.#memory = forgetGuests(this.#memory, (uuid) => !this.#history.has(uuid));
    const input = this.#history.input(snapshot, this.#options.hostProps);
    return input && this.#options.statistics.attach(input);
  }

  /** Evaluates the policy over the result of {@link observe}. */
  judge(input: PolicyInput, params: ParamResolver | null): Judgement {
    const values = params?.resolve(input.guests);
    const options = { ...this.#options.evaluate, ...(values && { params: values }) };
    const { decision, memory } = decide(this.#program, input, this.#memory, options);
    this.#memory = memory;
    return { evaluated: true, decision, plan: this.#options.plan(decision, input) };
  }

  /** What the guards do between two evaluations; null: nothing. */
  relieve(input: PolicyInput): Judgement | null {
    const plan = this.#options.plan(NO_DECISION, input);
    return plan.actions.length === 0 ? null : { evaluated: false, decision: NO_DECISION, plan };
  }
}
