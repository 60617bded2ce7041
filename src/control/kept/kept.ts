import type { Outcome } from '../../model/decision.ts';
import type { IntervalReport, Judgement } from '../../model/interval-report.ts';
import { unreadGuests } from '../../model/unread-guests.ts';
import type { IntervalObserver } from '../../observe/observer.ts';
import type { ParamResolver, Program } from '../../policy/index.ts';
import { EvaluationHistory } from './evaluations.ts';
import { HoldHistory } from './holds.ts';
import { LastHour } from './hour.ts';

/** What an evaluation used besides the statistics. */
export interface EvaluatedWith {
  readonly program: Program | null;
  readonly params: ParamResolver | null;
}

/** A write, and what became of it. */
export interface KeptOutcome {
  readonly timeMs: number;
  readonly outcome: Outcome;
}

/** What the guards did between two evaluations is kept of so many intervals. */
const MOST_RELIEFS = 8;

/** Remembers what the sockets answer from: the last interval, and the decisions of the last hour. All in memory, all bounded. */
export class Kept implements IntervalObserver {
  readonly name = 'control';
  readonly #monotonic: () => number;
  readonly #evaluatedWith: () => EvaluatedWith;
  readonly decisions = new LastHour<KeptOutcome>(({ timeMs }) => timeMs);
  readonly holds = new HoldHistory();
  readonly evaluations = new EvaluationHistory();
  /** The last write of each guest's balloon, by UUID. */
  readonly targets = new Map<string, KeptOutcome>();
  #last: { readonly report: IntervalReport; readonly endedMs: number } | null = null;
  #judgements: readonly Judgement[] = [];
  #generation = 0;

  /** @param monotonic milliseconds @param evaluatedWith what the interval that has just ended was decided with */
  constructor(monotonic: () => number, evaluatedWith: () => EvaluatedWith) {
    this.#monotonic = monotonic;
    this.#evaluatedWith = evaluatedWith;
  }

  /** The last finished interval, and when it ended by the monotonic clock; null: none has. */
  get last(): { readonly report: IntervalReport; readonly endedMs: number } | null {
    return this.#last;
  }

  /** The last evaluation, and what guards alone have done since; newest last. */
  get judgements(): readonly Judgement[] {
    return this.#judgements;
  }

  /** Changes with each interval. */
  get generation(): number {
    return this.#generation;
  }

  observe(report: IntervalReport): void {
    const { snapshot, judgement, outcomes } = report;
    const { timeMs } = snapshot;
    this.#generation += 1;
    this.#last = { report, endedMs: this.#monotonic() };
    if (judgement !== null) {
      const since = judgement.evaluated ? [] : this.#judgements;
      this.#judgements = [...since.slice(0, 1), ...since.slice(1).slice(1 - MOST_RELIEFS), judgement];
    }
    this.decisions.advance(timeMs);
    for (const outcome of outcomes) this.#noteOutcome({ timeMs, outcome });
    this.holds.note(report);
    const { program, params } = this.#evaluatedWith();
    this.evaluations.note(report, program, params);
    this.#forgetGuests(report);
  }

  /** Notes writes that were made between two intervals. */
  noteWrites(timeMs: number, outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#noteOutcome({ timeMs, outcome });
  }

  #noteOutcome(kept: KeptOutcome): void {
    const { action, status } = kept.outcome;
    // Nothing was sent: it is among the holds.
    if (status === 'held') return;
    this.decisions.add(kept);
    if (action.guest !== null && action.control === BALLOON_TARGET && status === 'done')
      this.targets.set(action.guest.uuid, kept);
  }

  #forgetGuests({ snapshot: { guests, problems } }: IntervalReport): void {
    if (unreadGuests(problems) !== undefined || this.targets.size <= guests.length) return;
    const there = new Set([...guests, ...problems.flatMap(({ guest }) => guest ?? [])].map(({ uuid }) => uuid));
    for (const uuid of this.targets.keys()) if (!there.has(uuid)) this.targets.delete(uuid);
  }
}

/** The control of a guest's size. */
export const BALLOON_TARGET = 'balloon_target';
