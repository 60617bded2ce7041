import type { Action, Outcome } from '../../src/model/decision.ts';
import { HypervisorError } from '../../src/ports/hypervisor.ts';
import { DeadlineError, withDeadline } from '../../src/support/deadline.ts';

const STATUS = { gone: 'gone', refused: 'refused', busy: 'held', timeout: 'failed', disconnected: 'failed' } as const;

/**
 * Makes a change of a guest's limits and says what became of it.
 * @param change resolves with what reading back shows to be wrong; null: it is as it should be
 */
export async function tuningOutcome(
  action: Action,
  signal: AbortSignal,
  callTimeoutMs: number,
  change: (limited: AbortSignal) => Promise<string | null>,
): Promise<Outcome> {
  try {
    const wrong = await withDeadline(signal, callTimeoutMs, change);
    return wrong === null ? { action, status: 'done', detail: null } : { action, status: 'refused', detail: wrong };
  } catch (error) {
    if (error instanceof HypervisorError) return { action, status: STATUS[error.kind], detail: error.message };
    if (error instanceof DeadlineError) return { action, status: 'failed', detail: error.message };
    if (signal.aborted) return { action, status: 'failed', detail: 'aborted before the hypervisor replied' };
    throw error;
  }
}

/** Runs the work of one key after the other; that of different keys concurrently. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work, work);
    this.#last.set(key, result);
    const forget = (): void => {
      if (this.#last.get(key) === result) this.#last.delete(key);
    };
    result.then(forget, forget);
    return result;
  }
}
