import type { Config } from '../config/model.ts';
import type { ControllerSettings } from '../plugin/controller.ts';

/** What the controllers need to know of the config. */
export function settingsOf(config: Config): ControllerSettings {
  return { balloon: config.balloon, callTimeoutMs: config.libvirt.callTimeoutMs };
}
