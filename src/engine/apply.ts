import type { Action, Outcome } from '../model/decision.ts';
import type { Controller } from '../plugin/controller.ts';
import { forEachConcurrent } from '../support/concurrent.ts';
import { waitAtMost } from '../support/deadline.ts';

/** The effectful halves of the active controllers, by controller name. */
export type Effects = ReadonlyMap<
  string,
  { readonly concurrency: number; apply(action: Action, signal: AbortSignal): Promise<Outcome> }
>;

/** @param timeoutMs timeout of one write, milliseconds; controllers have their own, shorter timeouts */
export function effectsOf(
  instances: ReadonlyMap<Controller, ReturnType<Controller['create']>>,
  timeoutMs: number,
): Effects {
  return new Map(
    [...instances].map(([controller, instance]) => [
      controller.name,
      {
        concurrency: controller.concurrency ?? 1,
        apply: (action: Action, signal: AbortSignal) =>
          withTimeout(instance.apply(action, signal), action, signal, timeoutMs),
      },
    ]),
  );
}

/** Time for a controller to report the outcome itself after the signal is aborted, milliseconds. */
const GRACE_MS = 100;

/** The outcome of a write, or `failed` after the timeout: a hanging write must not stop the daemon. */
async function withTimeout(
  write: Promise<Outcome>,
  action: Action,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Outcome> {
  const result = await waitAtMost(write, { ms: timeoutMs, signal, graceMs: GRACE_MS });
  if (result.ended) return result.value;
  const detail =
    result.because === 'time' ? `its controller did not finish within ${timeoutMs} ms` : 'aborted: Ballast is stopping';
  return { action, status: 'failed', detail };
}

/**
 * Carries out a plan: controllers one after the other, each with at most `concurrency` pending writes, started in
 * the order of the plan, so that balloons are inflated before others are deflated. Outcomes are in the same order.
 */
export async function apply(
  actions: readonly Action[],
  effects: Effects,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes = new Array<Outcome>(actions.length);
  for (const [name, effect] of effects) {
    const own = actions.map((action, index) => ({ action, index })).filter(({ action }) => action.controller === name);
    await forEachConcurrent(own, { limit: effect.concurrency }, async ({ action, index }) => {
      outcomes[index] = signal.aborted
        ? { action, status: 'failed', detail: 'not attempted: Ballast is stopping' }
        : await effect.apply(action, signal);
    });
  }
  return outcomes;
}

/** Replaces {@link apply} in dry runs: returns the actions as outcomes and writes nothing. */
export function dryRun(actions: readonly Action[]): readonly Outcome[] {
  return actions.map((action) => ({ action, status: 'dry-run', detail: null }));
}
