import { controlKey } from '../../model/control.ts';
import type { Held, Outcome } from '../../model/decision.ts';
import type { IntervalReport } from '../../model/interval-report.ts';
import { withoutNumbers } from '../../model/text.ts';
import { LastHour } from './hour.ts';

/** Something that is held back, for as long as the reason stays the same but for its figures. */
export interface KeptHold {
  /** As it was the last time. */
  held: Held;
  readonly firstMs: number;
  lastMs: number;
  times: number;
  /** The number of the evaluation in which it was held back the last time. */
  evaluation: number;
}

/** What was held back in the last hour. One entry for as long as it lasts: most holds come again in each evaluation. */
export class HoldHistory {
  readonly hour = new LastHour<KeptHold>(({ lastMs }) => lastMs);
  /** The last hold of each control of each guest. */
  readonly #open = new Map<string, KeptHold>();
  #evaluation = 0;

  note({ snapshot, judgement, outcomes }: IntervalReport): void {
    const { timeMs } = snapshot;
    this.hour.advance(timeMs);
    if (judgement === null) return;
    if (judgement.evaluated) this.#evaluation += 1;
    for (const held of judgement.plan.held) if (held.kind === 'held') this.#hold(held, timeMs);
    for (const outcome of outcomes) if (outcome.status === 'held') this.#hold(asHeld(outcome), timeMs);
    if (judgement.evaluated && this.#evaluation % FORGET_EVERY === 0) this.#forget();
  }

  /** Whether it was not held back any more in the last evaluation. */
  hasEnded({ evaluation }: KeptHold): boolean {
    return evaluation < this.#evaluation;
  }

  #hold(held: Held, timeMs: number): void {
    const key = controlKey(held.control, held.guest);
    const open = this.#open.get(key);
    if (open !== undefined && isSame(open.held, held) && open.evaluation >= this.#evaluation - 1) {
      open.held = held;
      open.lastMs = timeMs;
      open.times += open.evaluation === this.#evaluation ? 0 : 1;
      open.evaluation = this.#evaluation;
      return;
    }
    const entry = { held, firstMs: timeMs, lastMs: timeMs, times: 1, evaluation: this.#evaluation };
    this.#open.set(key, entry);
    // What lasts begins a new entry then.
    for (const dropped of this.hour.add(entry)) {
      const of = controlKey(dropped.held.control, dropped.held.guest);
      if (this.#open.get(of) === dropped) this.#open.delete(of);
    }
  }

  /** Guests come and go. */
  #forget(): void {
    for (const [key, entry] of this.#open) if (entry.evaluation < this.#evaluation - 1) this.#open.delete(key);
  }
}

/** Evaluations between two of these. */
const FORGET_EVERY = 100;

function isSame(one: Held, other: Held): boolean {
  if (one.guard !== other.guard) return false;
  return one.why === other.why || withoutNumbers(one.why) === withoutNumbers(other.why);
}

function asHeld({ action, detail }: Outcome): Held {
  const { controller, control, guest, to, guard } = action;
  const held = { kind: 'held' as const, controller, control, guest, wanted: to, why: detail ?? 'no reason given' };
  return guard === undefined ? held : { ...held, guard };
}
