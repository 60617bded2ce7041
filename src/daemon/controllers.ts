import { apply, effectsOf } from '../engine/apply.ts';
import type { Action, Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Controller, ControllerContext } from '../plugin/controller.ts';
import { settingsFor } from '../engine/plugin-settings.ts';
import type { PluginSettings } from '../plugin/settings.ts';

/** The effectful halves of the controllers that are in use. */
export class OpenControllers {
  readonly #instances: ReadonlyMap<Controller, ReturnType<Controller['create']>>;

  /** @param settings what the config says now for the plugins */
  constructor(
    controllers: readonly Controller[],
    context: Omit<ControllerContext, 'settings'>,
    settings: () => PluginSettings,
  ) {
    const create = (controller: Controller) =>
      controller.create({ ...context, settings: () => settingsFor(controller, settings()) });
    this.#instances = new Map(controllers.map((controller) => [controller, create(controller)]));
  }

  /** Shows them what there is before anything is written, so that they know what to put back. */
  observe(input: PolicyInput): void {
    for (const instance of this.#instances.values()) instance.observe(input);
  }

  /** @param callTimeoutMs longest wait for one call, milliseconds */
  apply(actions: readonly Action[], callTimeoutMs: number, signal: AbortSignal): Promise<readonly Outcome[]> {
    // Twice that of one call: a controller may have to ask what became of its write.
    return apply(actions, effectsOf(this.#instances, 2 * callTimeoutMs), signal);
  }

  /** The actions that put everything back to what it was at start. */
  restoreActions(): readonly Action[] {
    return [...this.#instances.values()].flatMap((instance) => instance.restore());
  }
}
