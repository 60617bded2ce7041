import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Action, Outcome } from '../model/decision.ts';
import type { PolicyInput, Snapshot } from '../model/snapshot.ts';
import type { Decider, Judgement } from './decider.ts';

/** All that one interval did, for the recording and for the log. */
export interface IntervalReport {
  readonly snapshot: Snapshot;
  /** null in an interval in which the policy was not due, or could not be shown the host. */
  readonly judgement: Judgement | null;
  readonly outcomes: readonly Outcome[];
  /** Milliseconds, by the monotonic clock. */
  readonly took: { readonly collectMs: number; readonly decideMs: number; readonly applyMs: number };
}

export interface IntervalParts {
  readonly take: (signal: AbortSignal) => Promise<Snapshot>;
  readonly decider: Decider;
  /** The effectful end: writes, or only says what it would write. */
  readonly apply: (actions: readonly Action[], signal: AbortSignal) => Promise<readonly Outcome[]>;
  /** Told of every input before anything is written, so that what is to be put back is known. */
  readonly observe?: (input: PolicyInput) => void;
  /** Monotonic, milliseconds. */
  readonly clock: () => number;
}

/**
 * One interval: collect, decide, guard, apply. Between the steps the event loop has its turn: with a thousand guests each takes
 * milliseconds.
 */
export async function runInterval(
  parts: IntervalParts,
  policyIsDue: boolean,
  signal: AbortSignal,
): Promise<IntervalReport> {
  const { clock, decider } = parts;
  const began = clock();
  const snapshot = await parts.take(signal);
  const collected = clock();
  await yieldToEventLoop();
  const input = decider.observe(snapshot);
  if (input !== null) parts.observe?.(input);
  await yieldToEventLoop();
  const judgement = policyIsDue && input !== null && !signal.aborted ? decider.judge(input) : null;
  const decided = clock();
  await yieldToEventLoop();
  const outcomes = judgement === null ? [] : await parts.apply(judgement.plan.actions, signal);
  const took = { collectMs: collected - began, decideMs: decided - collected, applyMs: clock() - decided };
  return { snapshot, judgement, outcomes, took };
}
