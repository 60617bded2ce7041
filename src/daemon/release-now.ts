import type { DecisionMoment } from '../engine/interval.ts';
import type { RequestedValue } from '../model/control.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import { logOutcome } from '../observe/outcome-log.ts';
import { OperatorError } from '../support/operator-error.ts';
import type { Decider } from '../engine/decider.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { ActiveConfiguration } from './configuration.ts';
import type { ActiveControllers } from './controllers.ts';
import type { Environment } from './environment.ts';
import type { FoundState } from './found-state.ts';
import { releaseGuests, type Release } from './release.ts';

export type { Release };

/** Time for a release, milliseconds: a libvirt that hangs may cost one interval, not more. */
const RELEASE_MS = 3000;

/** Statistics may be this much later than every second interval, milliseconds. */
const OLD_MS = 2000;

export interface Running {
  readonly parts: {
    readonly environment: Pick<Environment, 'clock'>;
    readonly configuration: ActiveConfiguration;
    readonly controllers: ActiveControllers;
    readonly decider: Pick<Decider, 'plan' | 'learn'>;
    readonly found: FoundState;
    readonly log: LoggerOf;
  };
  /** null: the daemon does not run, or ends. */
  readonly stop: AbortSignal | null;
  readonly dryRun: boolean;
  readonly reason: string;
  readonly apply: (
    actions: readonly Action[],
    signal: AbortSignal,
    moment: DecisionMoment,
  ) => Promise<readonly Outcome[]>;
}

/**
 * Gives guests back what their balloons took, while a daemon runs, on the statistics of its last interval.
 * @param last null: there are none
 * @throws OperatorError when nothing can be given back now
 */
export async function releaseNow(
  uuids: ReadonlySet<string>,
  last: { readonly input: PolicyInput; readonly takenMs: number } | null,
  { parts, stop, dryRun, reason, apply }: Running,
): Promise<Release> {
  const { environment, configuration, controllers, decider, found, log } = parts;
  const { clock } = environment;
  if (stop === null || stop.aborted) throw new OperatorError('the daemon is stopping');
  const sinceMs = last === null ? Infinity : clock.monotonic() - last.takenMs;
  if (last === null || sinceMs > 2 * configuration.config.collectIntervalMs + OLD_MS)
    throw new OperatorError('the last statistics are too old to judge by; "ballast status" says what is wrong');
  const input = { ...controllers.settled(last.input, found.values.pending), sinceMs };
  const limit = new AbortController();
  // The guards judge each write again, and as what it is: a release waits for no cool-down.
  let requests: readonly RequestedValue[] = [];
  const timer = setTimeout(() => limit.abort(new OperatorError('libvirt did not answer in time')), RELEASE_MS);
  const released = await releaseGuests(
    input,
    uuids,
    {
      ...{ controllers, dryRun, reason },
      plan: (wanted, now) => {
        requests = wanted;
        return decider.plan({ requests }, now);
      },
      apply: (actions, signal) =>
        apply(actions, signal, { input, requests, beganMs: last.takenMs, decidedMs: clock.monotonic() }),
      look: async () => null,
    },
    AbortSignal.any([stop, limit.signal]),
  ).finally(() => clearTimeout(timer));
  for (const outcome of released.outcomes) logOutcome(log, outcome);
  decider.learn(released.outcomes);
  return released;
}
