import type { LoggerOf } from '../observe/log/logger.ts';
import { logOutcome } from '../observe/outcome-log.ts';
import type { ActiveControllers } from './controllers.ts';

/** Timeout for restoring all initial values at exit, milliseconds. */
const RESTORE_TIMEOUT_MS = 1500;

/** Restores the initial values within the timeout and logs the outcomes. */
export async function restore(controllers: ActiveControllers, callTimeoutMs: number, log: LoggerOf): Promise<void> {
  const signal = AbortSignal.timeout(RESTORE_TIMEOUT_MS);
  const outcomes = await controllers.apply(controllers.restoreActions(), callTimeoutMs, signal);
  for (const outcome of outcomes) logOutcome(log, outcome);
  const undone = outcomes.filter(({ status }) => status !== 'done' && status !== 'gone').length;
  log('engine')[undone === 0 ? 'info' : 'error'](
    { restored: outcomes.length - undone, undone },
    undone === 0
      ? 'All initial values restored'
      : `${undone} of ${outcomes.length} initial values could not be restored`,
  );
}
