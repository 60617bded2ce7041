import type { Program, EvaluateOptions } from '../policy/index.ts';
import type { Controller, ControllerSettings } from '../plugin/controller.ts';
import { decodeMemory, layoutsOf } from '../recording/format.ts';
import type { Recording } from '../recording/reader.ts';
import { dryRun } from './apply.ts';
import { Decider } from './decider.ts';
import type { IntervalReport } from './interval.ts';
import { DueTimes } from './loop.ts';

export interface ReplayOptions {
  readonly program: Program;
  readonly controllers: readonly Controller[];
  readonly settings: ControllerSettings;
  readonly evaluate: EvaluateOptions;
  /**
   * How often the policy is evaluated, milliseconds of the recording's time; null: at the moments at which a policy
   * was evaluated when the recording was made, or, if none was, every {@link DEFAULT_POLICY_INTERVAL_MS}.
   */
  readonly policyIntervalMs: number | null;
}

/** MOM's. */
export const DEFAULT_POLICY_INTERVAL_MS = 10_000;

/**
 * What the policy would decide at each recorded moment. The recorded figures are not changed by what it decides: a
 * balloon that the replay shrinks is as large as it was in the next recorded interval.
 */
export async function* replay(recording: Recording, options: ReplayOptions): AsyncGenerator<IntervalReport, void> {
  const { header } = recording;
  const layouts = layoutsOf(header);
  const decider = new Decider(
    options.program,
    {
      historyLength: header.history,
      hostLayout: layouts.host,
      guestLayout: layouts.guest,
      hostProps: header.host_props,
      controllers: options.controllers,
      settings: options.settings,
      evaluate: options.evaluate,
    },
    decodeMemory(header.memory),
  );
  const asRecorded = options.policyIntervalMs === null && header.policy_interval_ms !== null;
  const due = new DueTimes(options.policyIntervalMs ?? DEFAULT_POLICY_INTERVAL_MS);
  const took = { collectMs: 0, decideMs: 0, applyMs: 0 };
  for await (const { snapshot, context, policy } of recording.intervals) {
    if (context) {
      decider.recall(snapshot);
      continue;
    }
    const input = decider.observe(snapshot);
    const policyIsDue = asRecorded ? policy !== null : due.isDue(snapshot.timeMs);
    const judgement = policyIsDue && input !== null ? decider.judge(input) : null;
    yield { snapshot, judgement, outcomes: judgement === null ? [] : dryRun(judgement.plan.actions), took };
  }
}
