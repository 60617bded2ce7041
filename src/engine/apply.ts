import type { Action, Outcome } from '../model/decision.ts';
import type { Controller } from '../plugin/controller.ts';

/** The effectful half of the controllers that are in use, by the controller's name. */
export type Effects = ReadonlyMap<string, { readonly concurrency: number; apply(action: Action, signal: AbortSignal): Promise<Outcome> }>;

export function effectsOf(open: ReadonlyMap<Controller, ReturnType<Controller['create']>>): Effects {
  return new Map(
    [...open].map(([controller, instance]) => [
      controller.name,
      { concurrency: controller.concurrency ?? 1, apply: (action: Action, signal: AbortSignal) => instance.apply(action, signal) },
    ]),
  );
}

/**
 * Carries out a plan: controllers one after the other, each with as many writes under way as it allows, started in
 * the order of the plan, so that memory is taken before it is given. Outcomes stand in the order of the actions.
 */
export async function apply(actions: readonly Action[], effects: Effects, signal: AbortSignal): Promise<readonly Outcome[]> {
  const outcomes = new Array<Outcome>(actions.length);
  for (const [name, effect] of effects) {
    const own = actions.map((action, index) => ({ action, index })).filter(({ action }) => action.controller === name);
    let next = 0;
    const worker = async () => {
      while (next < own.length) {
        const { action, index } = own[next++]!;
        outcomes[index] = signal.aborted
          ? { action, status: 'failed', detail: 'not tried: Ballast is stopping' }
          : await effect.apply(action, signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(effect.concurrency, own.length) }, worker));
  }
  return outcomes;
}

/** The other end for dry runs: everything is decided and guarded, nothing is written. */
export function dryRun(actions: readonly Action[]): readonly Outcome[] {
  return actions.map((action) => ({ action, status: 'dry-run', detail: null }));
}
