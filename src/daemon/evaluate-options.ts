import type { Config } from '../config/model.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { positionText } from '../observe/log-fields.ts';
import type { EvaluateOptions } from '../policy/index.ts';
import type { Clock } from '../ports/clock.ts';

/** The daemon's options for evaluating a policy: limited in time, with the policy's debug output in the log. */
export function evaluateOptions(config: Config, clock: Clock, log: LoggerOf): EvaluateOptions {
  return {
    onError: config.policy.onError,
    clock: clock.monotonic,
    debug: (text, position) => log('policy').info({ position: positionText(position) }, text),
  };
}
