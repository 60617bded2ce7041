import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { RequestedValue } from '../model/control.ts';
import type { Action, Held, Outcome } from '../model/decision.ts';
import type { IntervalReport, Judgement } from '../model/interval-report.ts';
import type { ParamOverride } from '../model/parameter.ts';
import type { PolicyInput, Snapshot } from '../model/snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import type { Decider } from './decider.ts';

export interface IntervalParts {
  readonly take: (signal: AbortSignal) => Promise<Snapshot>;
  readonly decider: Decider;
  /** Overrides of the policy's parameters that the decider uses. */
  readonly overrides: readonly ParamOverride[];
  /** Writes the actions, or only reports them in a dry run. */
  readonly apply: (
    actions: readonly Action[],
    signal: AbortSignal,
    moment: DecisionMoment,
  ) => Promise<readonly Outcome[]>;
  /** Called with every input before any write, to remember the values to restore. */
  readonly observe?: (input: PolicyInput) => void | Promise<void>;
  /** Looks at what stops writes in this interval; the result says why an action may not be written, null: it may. */
  readonly holdBack?: () => Promise<(action: Action) => string | null>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** What the actions of an interval were decided on, and when. Times are those of the monotonic clock, milliseconds. */
export interface DecisionMoment {
  readonly input: PolicyInput;
  /** What the policy asked for. */
  readonly requests: readonly RequestedValue[];
  /** When the collection of the statistics began. */
  readonly beganMs: number;
  readonly decidedMs: number;
}

/**
 * One interval: collect, decide, guard, apply. Yields to the event loop between the steps: with a thousand guests each takes
 * milliseconds.
 */
export async function runInterval(
  parts: IntervalParts,
  policyIsDue: boolean,
  signal: AbortSignal,
): Promise<IntervalReport> {
  const { clock, decider, overrides } = parts;
  const memoryBefore = decider.memory;
  const began = clock.monotonic();
  const snapshot = await parts.take(signal);
  const collected = clock.monotonic();
  await yieldToEventLoop();
  const input = decider.observe(snapshot);
  if (input !== null) await parts.observe?.(input);
  await yieldToEventLoop();
  const judged = input === null || signal.aborted ? null : policyIsDue ? decider.judge(input) : decider.relieve(input);
  const judgement = heldBack(judged, (await parts.holdBack?.()) ?? null);
  const decided = clock.monotonic();
  await yieldToEventLoop();
  let outcomes: readonly Outcome[] = [];
  if (judgement !== null && input !== null) {
    const { decision, plan } = judgement;
    const moment = { input, requests: decision.requests, beganMs: began, decidedMs: decided };
    outcomes = await parts.apply(plan.actions, signal, moment);
  }
  decider.learn(outcomes);
  if (judgement?.evaluated === true) decider.writes.held(judgement.plan.held, outcomes);
  const took = { collectMs: collected - began, decideMs: decided - collected, applyMs: clock.monotonic() - decided };
  const conditions = input === null ? null : decider.conditions(input);
  const figures = input === null ? {} : { figures: decider.figures(input) };
  return { snapshot, input, judgement, outcomes, conditions, memoryBefore, overrides, took, ...figures };
}

/** The judgement without the actions that may not be written. */
export function heldBack(
  judgement: Judgement | null,
  whyNot: ((action: Action) => string | null) | null,
): Judgement | null {
  if (judgement === null || whyNot === null) return judgement;
  const { plan } = judgement;
  const held: Held[] = [];
  const actions = plan.actions.filter((action) => {
    const why = whyNot(action);
    if (why === null) return true;
    const { controller, control, guest, to } = action;
    held.push({ kind: 'held', controller, control, guest, wanted: to, why });
    return false;
  });
  return held.length === 0 ? judgement : { ...judgement, plan: { actions, held: [...plan.held, ...held] } };
}
