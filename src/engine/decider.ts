import type { GuardCondition } from '../model/condition.ts';
import type { Outcome, Plan } from '../model/decision.ts';
import type { FieldValue, Layout } from '../model/field.ts';
import type { GuardFigures, GuestFigures } from '../model/guard-figures.ts';
import type { Judgement } from '../model/interval-report.ts';
import { NO_STATISTICS_NEED } from '../model/past.ts';
import { EMPTY_MEMORY, forgetGuests, type PolicyMemory } from '../model/memory.ts';
import type { PolicyInput, Props, Snapshot } from '../model/snapshot.ts';
import type { EvaluateOptions, ParamResolver, Program, Tracer } from '../policy/index.ts';
import type { FieldValues } from '../plugin/collector.ts';
import type { GuardState, Reservation } from '../plugin/recollection.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { settingsFor } from './plugin-settings.ts';
import { decide, NO_DECISION } from './decide.ts';
import { plan, type Planners, type Requests } from './plan.ts';
import { Recollections } from './recollections.ts';
import { BalloonWrites } from './balloon-writes.ts';
import { History } from './history.ts';
import { HourlyStatistics } from './hourly-statistics.ts';
import { ShadowDecider } from './shadow-decider.ts';

export interface DeciderOptions {
  /** Samples that `StatAvg` and the like use without `:last` or `:over`. */
  readonly historyLength: number;
  /** Samples kept: more when the policy looks further back. Absent: `historyLength`. */
  readonly keptSnapshots?: number;
  readonly hostLayout: Layout;
  readonly guestLayout: Layout;
  readonly hostProps: Props;
  readonly planners: Planners;
  readonly settings: PluginSettings;
  readonly evaluate: EvaluateOptions;
}

/**
 * The middle of the loop, the same for the daemon and for a replay: it stores samples and the policy's variables,
 * and turns a snapshot into a plan. No clock and no I/O: its result depends only on its input.
 */
export class Decider {
  #options: DeciderOptions;
  readonly #history: History;
  /** Statistics over days. A daemon hands them to the next one. */
  readonly statistics: HourlyStatistics;
  /** What policies can read of Ballast's own writes. */
  readonly writes = new BalloonWrites();
  #program: Program | null;
  #memory: PolicyMemory;
  #recollections: Recollections;
  readonly #verdicts: readonly [string, (uuid: string, state: GuardState) => FieldValue][];
  /** The outcomes of writes since the last snapshot. */
  #outcomes: readonly Outcome[] = [];
  #reservations: readonly Reservation[] = [];
  /** null: every parameter has the default of the policy. */
  #params: ParamResolver | null = null;

  constructor(program: Program | null, options: DeciderOptions, memory: PolicyMemory = EMPTY_MEMORY) {
    this.#program = program;
    this.#options = options;
    const layouts = { host: options.hostLayout, guest: options.guestLayout };
    this.#history = new History(options.historyLength, layouts, options.keptSnapshots);
    this.statistics = new HourlyStatistics(layouts);
    this.statistics.keep(program?.statisticsNeed ?? NO_STATISTICS_NEED);
    this.#memory = memory;
    this.#recollections = Recollections.of(options.planners.guards);
    this.#verdicts = options.planners.guards.flatMap(({ verdicts }) => Object.entries(verdicts ?? {}));
  }

  get memory(): PolicyMemory {
    return this.#memory;
  }

  /** Takes effect in the next interval; variables and samples are kept. */
  replace(
    program: Program | null,
    { keptSnapshots, ...options }: Pick<DeciderOptions, 'settings' | 'evaluate'> & { readonly keptSnapshots: number },
  ): void {
    this.#program = program;
    this.#options = { ...this.#options, ...options };
    this.#history.keep(keptSnapshots);
    this.statistics.keep(program?.statisticsNeed ?? NO_STATISTICS_NEED);
  }

  /** What decides as another policy would from now on, if it took the place of this one. It changes nothing here. */
  beside(
    program: Program,
    { keptSnapshots, evaluate }: Pick<DeciderOptions, 'evaluate'> & { readonly keptSnapshots: number },
  ): ShadowDecider {
    const { hostProps } = this.#options;
    const plan = (requests: Requests, input: PolicyInput): Plan => this.plan(requests, input);
    this.statistics.keepToo(program.statisticsNeed);
    const { statistics } = this;
    return new ShadowDecider(program, this.#history.copy(keptSnapshots), this.#memory, {
      ...{ evaluate, hostProps, plan, statistics },
    });
  }

  /** Sets the overrides of the program's parameters from the next evaluation on. */
  setParams(params: ParamResolver | null): void {
    this.#params = params;
  }

  /** Adds a snapshot from before the first interval, for the averages. */
  recall(snapshot: Snapshot): void {
    this.#history.add(snapshot);
    this.statistics.add(snapshot);
  }

  /** Adds a snapshot; returns null when it cannot be evaluated because host statistics are missing. */
  observe(snapshot: Snapshot): PolicyInput | null {
    this.#history.add(snapshot);
    this.statistics.add(snapshot);
    this.#memory = forgetGuests(this.#memory, (uuid) => !this.#history.has(uuid));
    const current = this.#history.input(snapshot, this.#options.hostProps);
    const input = current && this.statistics.attach(current);
    if (input !== null) {
      this.writes.observe(input, (uuid) => this.#history.has(uuid));
      this.#recollections = this.#recollections.next(input, this.#outcomes, this.#options.settings);
      this.#outcomes = [];
    }
    return input;
  }

  /** Tells the guards what became of writes; they see it with the next snapshot. */
  learn(outcomes: readonly Outcome[]): void {
    if (outcomes.length === 0) return;
    this.#outcomes = [...this.#outcomes, ...outcomes];
    this.writes.written(outcomes);
  }

  /** Sets the room on the host that is kept, from the next judgement on. */
  reserve(reservations: readonly Reservation[]): void {
    this.#reservations = reservations;
  }

  /** Evaluates the policy over the result of {@link observe}. @param tracer receives the steps of the evaluation */
  judge(input: PolicyInput, tracer: Tracer | null = null): Judgement {
    if (this.#program === null) return { evaluated: true, decision: NO_DECISION, plan: { actions: [], held: [] } };
    const params = this.#params?.resolve(input.guests);
    const options = { ...this.#options.evaluate, ...(params && { params }), ...(tracer && { tracer }) };
    const { decision, memory } = decide(this.#program, input, this.#memory, options);
    this.#memory = memory;
    return { evaluated: true, decision, plan: this.plan(decision, input) };
  }

  /** What the guards do between two evaluations: memory for a guest in pain does not wait for the policy. null: nothing. */
  relieve(input: PolicyInput): Judgement | null {
    if (this.#program === null) return null;
    const plan = this.plan(NO_DECISION, input);
    return plan.actions.length === 0 ? null : { evaluated: false, decision: NO_DECISION, plan };
  }

  /** What the guards think of a guest since the last snapshot, by field. */
  verdicts(uuid: string): FieldValues {
    const state = this.#recollections.state(this.#options.settings);
    const all: Record<string, FieldValue> = {};
    for (const [field, verdict] of this.#verdicts) all[field] = verdict(uuid, state);
    return all;
  }

  /** What the guards found in this snapshot. Computed when it is called for the first time, which costs nothing if nobody does. */
  conditions(input: PolicyInput): () => readonly GuardCondition[] {
    const { planners, settings } = this.#options;
    const state = this.#recollections.state(settings, this.#reservations);
    let found: readonly GuardCondition[] | null = null;
    return () =>
      (found ??= planners.guards.flatMap((guard) =>
        (guard.conditions?.(input, settingsFor(guard, settings), state) ?? []).map((each) => ({
          ...each,
          guard: guard.name,
        })),
      ));
  }

  /** What the guards reckon with in this snapshot. Computed when it is called, which costs nothing if nobody does. */
  figures(input: PolicyInput): () => GuardFigures {
    const { planners, settings } = this.#options;
    const state = this.#recollections.state(settings, this.#reservationsAt(input));
    return () => {
      const all = planners.guards.map((guard) => guard.figures?.(input, settingsFor(guard, settings), state) ?? {});
      const guests = new Map<string, GuestFigures>();
      for (const each of all)
        for (const [uuid, own] of each.guests ?? []) guests.set(uuid, { ...guests.get(uuid), ...own });
      return { host: Object.assign({}, ...all.map(({ host }) => host ?? {})) as GuardFigures['host'], guests };
    };
  }

  /** What the guards and controllers make of requests, with all that the guards remember. Changes nothing. */
  plan(decision: Requests, input: PolicyInput): Plan {
    const { planners, settings } = this.#options;
    const state = this.#recollections.state(settings, this.#reservationsAt(input));
    return plan(planners, decision, input, settings, state);
  }

  #reservationsAt({ timeMs }: PolicyInput): readonly Reservation[] {
    if (this.#reservations.length === 0) return this.#reservations;
    return this.#reservations.filter(({ untilMs }) => untilMs > timeMs);
  }
}
