import type { Action, Outcome } from '../model/decision.ts';
import type { Controller } from '../plugin/controller.ts';
import { forEachConcurrent } from '../support/concurrent.ts';
import { waitAtMost, type WaitLimits } from '../support/deadline.ts';
import { OperatorError } from '../support/operator-error.ts';

/** The effectful halves of the active controllers, by controller name. */
export type Effects = ReadonlyMap<string, Effect>;

interface Effect {
  readonly concurrency: number;
  apply(action: Action, signal: AbortSignal): Promise<Outcome>;
}

/** @param timeoutMs timeout of one write, milliseconds; controllers have their own, shorter timeouts */
export function effectsOf(
  instances: ReadonlyMap<Controller, ReturnType<Controller['create']>>,
  timeoutMs: number,
): Effects {
  return new Map(
    [...instances].map(([controller, instance]) => [
      controller.name,
      {
        concurrency: controller.concurrency ?? 1,
        apply: (action: Action, signal: AbortSignal) =>
          withTimeout(instance.apply(action, signal), action, signal, timeoutMs),
      },
    ]),
  );
}

/** Time for a controller to report the outcome itself after the signal is aborted, milliseconds. */
const GRACE_MS = 100;

/** The outcome of a write, or `failed` after the timeout: a hanging write must not stop the daemon. */
async function withTimeout(
  write: Promise<Outcome>,
  action: Action,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Outcome> {
  const result = await waitAtMost(write, { ms: timeoutMs, signal, graceMs: GRACE_MS });
  if (result.ended) return result.value;
  const detail =
    result.because === 'time'
      ? `its controller did not finish within ${timeoutMs} ms`
      : `aborted: ${whyAborted(signal)}`;
  return { action, status: 'failed', detail };
}

function whyAborted({ reason }: AbortSignal): string {
  return reason instanceof OperatorError ? reason.message : 'Ballast is stopping';
}

/** The result of looking at an action right before its write: the action to write, or why it is not written. */
export type Verdict = { readonly action: Action } | { readonly held: string };

/** What limits the writes of one interval. */
export interface WriteBounds {
  /** Time for all writes, milliseconds. Then nothing more is started, and what has not returned is `pending`. */
  readonly timeMs: number;
  /** After this, writes that have not returned are only waited for while others have not begun, milliseconds. */
  readonly hangMs: number;
  /** A write that takes longer gives its place to the next one, milliseconds. */
  readonly patienceMs: number;
  /** Judges an action again. @param othersHang whether other writes took longer than the patience and have not returned */
  readonly recheck: (action: Action, othersHang: boolean) => Promise<Verdict> | Verdict;
  /** Called with the outcome of a write that was pending when the time was over. */
  readonly onLate: (outcome: Outcome) => void;
}

/** Why an action was not started. */
export const OUT_OF_TIME = "not started before the interval's time was over; the next evaluation decides anew";

/**
 * Carries out a plan: controllers one after the other, each with at most `concurrency` pending writes, started in
 * the order of the plan, so that balloons are inflated before others are deflated. Outcomes are in the same order.
 *
 * With bounds, a write that hangs delays the others only by the patience: it gives its place to the next one, up to twice
 * as many, or to the next controller. A controller with a concurrency of 1 keeps its order, and waits.
 */
export async function apply(
  actions: readonly Action[],
  effects: Effects,
  signal: AbortSignal,
  bounds: WriteBounds | null = null,
): Promise<readonly Outcome[]> {
  return new Round(actions, signal, bounds).run(effects);
}

/** The writes of one plan. */
class Round {
  readonly #actions: readonly Action[];
  readonly #signal: AbortSignal;
  readonly #bounds: WriteBounds | null;
  readonly #patience: WaitLimits;
  readonly #outcomes: (Outcome | null)[];
  /** What was sent, by index. */
  readonly #sent = new Map<number, Action>();
  #isOver = false;
  /** How long the writes were waited for, milliseconds. */
  #waitedMs = 0;

  constructor(actions: readonly Action[], signal: AbortSignal, bounds: WriteBounds | null) {
    this.#actions = actions;
    this.#signal = signal;
    this.#bounds = bounds;
    this.#patience = bounds === null ? {} : { ms: bounds.patienceMs };
    this.#outcomes = actions.map(() => null);
  }

  async run(effects: Effects): Promise<readonly Outcome[]> {
    const working = this.#writeAll(effects);
    const ended = await this.#waitFor(working);
    this.#isOver = true;
    // Rejects unhandled if it does: a bug that shows later must not be swallowed.
    if (!ended) void working.then(() => undefined);
    return this.#actions.map((action, index) => this.#outcomes[index] ?? this.#unfinished(action, index));
  }

  /** False: its time was over. */
  async #waitFor(working: Promise<void>): Promise<boolean> {
    if (this.#bounds === null) return (await waitAtMost(working, {})).ended;
    const { timeMs, hangMs } = this.#bounds;
    this.#waitedMs = Math.min(hangMs, timeMs);
    if ((await waitAtMost(working, { ms: this.#waitedMs })).ended) return true;
    if (this.#actions.every((_, index) => this.#sent.has(index) || this.#outcomes[index] !== null)) return false;
    const restMs = timeMs - this.#waitedMs;
    this.#waitedMs = timeMs;
    return (await waitAtMost(working, { ms: restMs })).ended;
  }

  async #writeAll(effects: Effects): Promise<void> {
    const all: Promise<void>[] = [];
    for (const [name, effect] of effects) {
      const { concurrency } = effect;
      const indexes = [...this.#actions.keys()].filter((index) => this.#actions[index]!.controller === name);
      const places = new Places(concurrency);
      // The writes of a controller that keeps its order start one by one, whatever hangs.
      const limit = concurrency === 1 ? 1 : 2 * concurrency;
      const running = forEachConcurrent(indexes, { limit }, (index) => this.#write(effect, index, places));
      all.push(running);
      await waitAtMost(running, this.#patience);
    }
    await Promise.all(all);
  }

  async #write(effect: Effect, index: number, places: Places): Promise<void> {
    await places.take();
    let answer: Promise<void>;
    try {
      const action = await this.#lastLook(index, places.hanging > 0);
      if (action === null) return;
      this.#sent.set(index, action);
      answer = effect.apply(action, this.#signal).then((outcome) => {
        if (this.#isOver) this.#bounds?.onLate(outcome);
        else this.#outcomes[index] = outcome;
      });
      if ((await waitAtMost(answer, this.#patience)).ended) return;
    } finally {
      places.free();
    }
    places.hanging += 1;
    await answer.finally(() => {
      places.hanging -= 1;
    });
  }

  /** The action to write; null: none. */
  async #lastLook(index: number, othersHang: boolean): Promise<Action | null> {
    const action = this.#actions[index]!;
    if (this.#isOver) return null;
    const verdict = this.#signal.aborted ? { action } : await (this.#bounds?.recheck(action, othersHang) ?? { action });
    if (this.#isOver) return null;
    if (this.#signal.aborted)
      this.#outcomes[index] = { action, status: 'failed', detail: `not attempted: ${whyAborted(this.#signal)}` };
    else if ('held' in verdict) this.#outcomes[index] = { action, status: 'held', detail: verdict.held };
    else return verdict.action;
    return null;
  }

  #unfinished(action: Action, index: number): Outcome {
    const sent = this.#sent.get(index);
    if (sent === undefined) return { action, status: 'held', detail: OUT_OF_TIME };
    return { action: sent, status: 'pending', detail: `no answer within ${Math.round(this.#waitedMs)} ms` };
  }
}

/** The places of a controller: how many of its writes are pending that do not hang. */
class Places {
  /** Writes that gave up their place. */
  hanging = 0;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** Replaces {@link apply} in dry runs: returns the actions as outcomes and writes nothing. */
export function dryRun(actions: readonly Action[]): readonly Outcome[] {
  return actions.map((action) => ({ action, status: 'dry-run', detail: null }));
}
