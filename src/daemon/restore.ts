import type { LoggerOf } from '../observe/log/logger.ts';
import { logOutcome } from '../observe/outcome-log.ts';
import type { OpenControllers } from './controllers.ts';

/** Longest time for putting everything back when the daemon ends, milliseconds. */
const RESTORE_TIMEOUT_MS = 1500;

/** Puts everything back to what it was at start, as far as there is time for it, and logs what became of that. */
export async function restore(controllers: OpenControllers, callTimeoutMs: number, log: LoggerOf): Promise<void> {
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
