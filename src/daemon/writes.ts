import { setMaxListeners } from 'node:events';
import { apply, OUT_OF_TIME, type Effects, type Verdict } from '../engine/apply.ts';
import { inputLater, inputWith, requestOf, REREAD_AFTER_MS, tooOld, verdictOf } from '../engine/before-write.ts';
import type { SnapshotTaker } from '../engine/collect.ts';
import type { Decider } from '../engine/decider.ts';
import type { DecisionMoment } from '../engine/interval.ts';
import { controlKey, type RequestedValue } from '../model/control.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { logOutcome } from '../observe/outcome-log.ts';
import type { Clock } from '../ports/clock.ts';
import { DeadlineError, withDeadline } from '../support/deadline.ts';

/** Times of the writes, milliseconds. */
export const WRITE_LIMITS = {
  /** After this a write gives its place to the next: libvirt answers within some, unless a job holds the guest. */
  patienceMs: 1000,
  /** For reading a guest once more. */
  rereadMs: 1500,
  /** What the writes of one interval have at least, when the collection took most of it. */
  leastMs: 1000,
} as const;

/** The patience as a share of the collect interval: with a short one a write that hangs must not cost the next interval. */
const PATIENCE_SHARE = 0.25;

/** Share of the collect interval that stays free between the last write and the next collection. */
const SPARE_SHARE = 0.05;

export interface WritesParts {
  readonly taker: Pick<SnapshotTaker, 'takeAgain'>;
  readonly decider: Pick<Decider, 'plan' | 'learn'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: LoggerOf;
}

export interface WriteTimes {
  readonly collectIntervalMs: number;
  readonly maxDecisionAgeMs: number;
}

/** Carries out the plans of the intervals, each within its interval, and judges each action again right before its write. */
export class Writes {
  readonly #parts: WritesParts;
  readonly #limits: Record<keyof typeof WRITE_LIMITS, number>;
  /** Actions that the last interval had no time for, by key: they come first, so that each has its turn. */
  #leftOver: ReadonlySet<string> = new Set();

  constructor(parts: WritesParts, limits: Record<keyof typeof WRITE_LIMITS, number> = WRITE_LIMITS) {
    this.#parts = parts;
    this.#limits = limits;
  }

  async apply(
    actions: readonly Action[],
    effects: Effects,
    moment: DecisionMoment,
    times: WriteTimes,
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const { clock, decider, log } = this.#parts;
    const { collectIntervalMs } = times;
    const restMs = moment.beganMs + collectIntervalMs * (1 - SPARE_SHARE) - clock.monotonic();
    // Every pending write and reading adds some listeners: more than ten are expected, not a leak.
    setMaxListeners(0, signal);
    const guests = new Map(moment.input.guests.map((guest) => [guest.uuid, guest]));
    const asked = new Map(moment.requests.map((request) => [controlKey(request.name, request.guest), request]));
    const patienceMs = Math.min(this.#limits.patienceMs, Math.max(100, PATIENCE_SHARE * collectIntervalMs));
    const outcomes = await apply(this.#inTurn(actions), effects, signal, {
      timeMs: Math.max(restMs, collectIntervalMs / 2, this.#limits.leastMs),
      hangMs: Math.max(restMs, patienceMs),
      patienceMs,
      recheck: (action, othersHang) => this.#recheck(action, othersHang, { ...moment, guests, asked }, times, signal),
      onLate: (outcome) => {
        logOutcome(log, outcome);
        decider.learn([outcome]);
      },
    });
    this.#leftOver = new Set(
      outcomes
        .filter(({ detail }) => detail === OUT_OF_TIME)
        .map(({ action }) => controlKey(action.control, action.guest)),
    );
    return outcomes;
  }

  /** What guards have asked for, such as memory for a guest in pain; what was left over; the rest. */
  #inTurn(actions: readonly Action[]): readonly Action[] {
    const rank = (action: Action): number =>
      action.guard !== undefined ? 0 : this.#leftOver.has(controlKey(action.control, action.guest)) ? 1 : 2;
    return actions.toSorted((a, b) => rank(a) - rank(b));
  }

  async #recheck(
    action: Action,
    othersHang: boolean,
    { input, guests, asked, beganMs, decidedMs }: DecisionMoment & Lookup,
    { maxDecisionAgeMs }: WriteTimes,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { taker, decider, clock } = this.#parts;
    const ageMs = clock.monotonic() - decidedMs;
    const old = tooOld(ageMs, maxDecisionAgeMs);
    if (old !== null) return { held: old };
    const guest = action.guest === null ? undefined : guests.get(action.guest.uuid);
    if (guest === undefined) return { action };
    const decision = { requests: [requestOf(action, asked.get(controlKey(action.control, action.guest)))] };
    if (ageMs <= REREAD_AFTER_MS && !othersHang)
      return verdictOf(action, decider.plan(decision, inputLater(input, guest, clock.monotonic() - beganMs)));
    try {
      const fresh = await withDeadline(signal, this.#limits.rereadMs, (limited) => taker.takeAgain(guest, limited));
      if (typeof fresh === 'string') return { held: `the guest ${fresh}` };
      return verdictOf(action, decider.plan(decision, inputWith(input, fresh)));
    } catch (error) {
      if (error instanceof DeadlineError || signal.aborted)
        return { held: `the guest cannot be read again: ${String(error)}` };
      throw error;
    }
  }
}

/** The parts of a moment by guest, and by control and guest. */
interface Lookup {
  readonly guests: ReadonlyMap<string, DecisionMoment['input']['guests'][number]>;
  readonly asked: ReadonlyMap<string, RequestedValue>;
}
