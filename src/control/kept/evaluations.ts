import type { IntervalReport, Judgement } from '../../model/interval-report.ts';
import type { PolicyMemory } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import type { ParamResolver, Program } from '../../policy/index.ts';
import { KEPT_MS } from './hour.ts';

/** All that an evaluation depended on, so that it can be repeated with a trace. */
export interface KeptEvaluation {
  readonly timeMs: number;
  readonly program: Program;
  readonly params: ParamResolver | null;
  readonly input: PolicyInput;
  readonly memory: PolicyMemory;
  readonly judgement: Judgement;
  readonly outcomes: IntervalReport['outcomes'];
}

/** Samples of guests that all kept evaluations have together: a few megabytes. */
const MOST_SAMPLES = 5000;
/** However many guests there are. */
const FEWEST = 3;

/** The last evaluations: of the last hour with a dozen guests, of the last minute with a thousand. */
export class EvaluationHistory {
  #all: KeptEvaluation[] = [];
  #samples = 0;

  get all(): readonly KeptEvaluation[] {
    return this.#all;
  }

  note(report: IntervalReport, program: Program | null, params: ParamResolver | null): void {
    const { snapshot, input, judgement, memoryBefore, outcomes } = report;
    if (program === null || input === null || judgement?.evaluated !== true) return;
    this.#all.push({ timeMs: snapshot.timeMs, program, params, input, memory: memoryBefore, judgement, outcomes });
    this.#samples += input.guests.length + 1;
    const oldestMs = snapshot.timeMs - KEPT_MS;
    let drop = 0;
    while (this.#all.length - drop > FEWEST) {
      const first = this.#all[drop]!;
      if (this.#samples <= MOST_SAMPLES && first.timeMs >= oldestMs) break;
      this.#samples -= first.input.guests.length + 1;
      drop += 1;
    }
    if (drop > 0) this.#all = this.#all.slice(drop);
  }

  /** The last evaluation at or before a time, milliseconds since the epoch. */
  at(timeMs: number): KeptEvaluation | null {
    return this.#all.findLast((each) => each.timeMs <= timeMs) ?? null;
  }
}
