import { apply, effectsOf, type Effects } from '../engine/apply.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller, ControllerContext } from '../plugin/controller.ts';
import { settingsFor } from '../engine/plugin-settings.ts';
import type { PluginSettings } from '../plugin/settings.ts';

/** The effectful halves of the active controllers. */
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

  /** Passes the controllers each input before any write, so that they can restore the initial values. */
  observe(input: PolicyInput): void {
    for (const instance of this.#instances.values()) instance.observe(input);
  }

  /** What makes the writes. @param callTimeoutMs timeout of one call, milliseconds */
  effects(callTimeoutMs: number): Effects {
    // Twice the timeout of one call: a controller may need a second call to find the outcome of its write.
    return effectsOf(this.#instances, 2 * callTimeoutMs);
  }

  /** @param callTimeoutMs timeout of one call, milliseconds */
  apply(actions: readonly Action[], callTimeoutMs: number, signal: AbortSignal): Promise<readonly Outcome[]> {
    return apply(actions, this.effects(callTimeoutMs), signal);
  }

  /** The actions that restore the initial values. */
  restoreActions(): readonly Action[] {
    return [...this.#instances.values()].flatMap((instance) => instance.restore());
  }
}
