import { effectsOf, type Effects } from '../engine/apply.ts';
import { restoring, type ControlValue, type RequestedValue } from '../model/control.ts';
import type { Action, Held, Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller, ControllerContext, Restoring } from '../plugin/controller.ts';
import { settingsFor } from '../engine/plugin-settings.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { has, valueKey } from './control-values.ts';

/** The active controllers with their effectful halves. */
export class ActiveControllers {
  readonly #instances: ReadonlyMap<Controller, ReturnType<Controller['create']>>;

  /** @param settings returns the current plugin settings */
  constructor(
    controllers: readonly Controller[],
    context: Omit<ControllerContext, 'settings'>,
    settings: () => PluginSettings,
  ) {
    const create = (controller: Controller) =>
      controller.create({ ...context, settings: () => settingsFor(controller, settings()) });
    this.#instances = new Map(controllers.map((controller) => [controller, create(controller)]));
  }

  /**
   * What makes the writes.
   * @param callTimeoutMs timeout of one call, milliseconds
   * @param stopped asked before each write: why it must not be made; null: it may
   */
  effects(callTimeoutMs: number, stopped: (action: Action) => Promise<string | null>): Effects {
    // Twice the timeout of one call: a controller may need a second call to find the outcome of its write.
    const effects = [...effectsOf(this.#instances, 2 * callTimeoutMs)].map(([name, effect]) => {
      const write = async (action: Action, signal: AbortSignal): Promise<Outcome> => {
        const why = await stopped(action);
        return why === null ? effect.apply(action, signal) : { action, status: 'held', detail: why };
      };
      return [name, { ...effect, apply: write }] as const;
    });
    return new Map(effects);
  }

  /** The present values of all controls. */
  values(input: PolicyInput): readonly ControlValue[] {
    return this.#all.flatMap((controller) => controller.values?.(input) ?? []);
  }

  /** What restores the values that were found. @param held what was held back of earlier requests of this restore */
  restore(found: readonly ControlValue[], input: PolicyInput, held: readonly Held[]): Restoring {
    return joined(
      this.#all.map((controller) => {
        const own = found.filter(({ control }) => controller.controls.some(({ name }) => name === control));
        return controller.restore?.(own, input, held) ?? differing(own, controller.values?.(input) ?? []);
      }),
    );
  }

  /** What gives the guests back all that was taken from them. */
  release(input: PolicyInput): readonly RequestedValue[] {
    return this.#all.flatMap((controller) => controller.release?.(input) ?? []);
  }

  /** The input as if these writes had taken effect. */
  settled(input: PolicyInput, writes: readonly ControlValue[]): PolicyInput {
    return this.#all.reduce((before, controller) => {
      const own = writes.filter(({ control }) => controller.controls.some(({ name }) => name === control));
      return controller.settled?.(before, own) ?? before;
    }, input);
  }

  get #all(): readonly Controller[] {
    return [...this.#instances.keys()];
  }
}

function joined(parts: readonly Restoring[]): Restoring {
  return { requests: parts.flatMap(({ requests }) => requests), held: parts.flatMap(({ held }) => held) };
}

function differing(found: readonly ControlValue[], present: readonly ControlValue[]): Restoring {
  const now = new Map(present.map((value) => [valueKey(value), value.value]));
  const changed = found.filter((value) => !has(value, now.get(valueKey(value))));
  return { requests: changed.map((value) => restoring(value)), held: [] };
}
