import { defaultsOf, loadConfig as load, type ConfigResult } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { settingsSchema } from '../config/plugin-settings.ts';
import { OWN_KEYS } from '../config/schema.ts';
import type { SettingsGroup } from '../plugin/settings.ts';
import { unique } from './unique-names.ts';
import type { FileIo } from '../yaml/file-io.ts';
import { allPlugins, loadModules, PluginError, withoutClash, type Plugin } from './plugins.ts';

/** The result of reading a config file, with the site plugins that it lists. */
export interface ReadConfig {
  readonly result: ConfigResult;
  readonly site: readonly Plugin[];
}

/**
 * Reads a config file with the settings of all plugins, including the site plugins that it lists.
 * @throws PluginError when a plugin cannot be loaded
 */
export async function loadConfig(path: string, io?: FileIo): Promise<ReadConfig> {
  let site: readonly Plugin[] = [];
  const groupsFor = async (modules: readonly string[]) => {
    site = await loadModules(modules);
    return settingsGroups(site);
  };
  const result = await load(path, groupsFor, io);
  return { result, site };
}

/** The config of an empty file. */
export function defaultConfig(): Config {
  return defaultsOf(settingsGroups());
}

/**
 * The settings groups of all built-in plugins, enabled or not, and of the site plugins.
 * @throws PluginError when two groups have the same name, or a site plugin declares an invalid group
 */
export function settingsGroups(site: readonly Plugin[] = []): readonly SettingsGroup[] {
  for (const { name, settings } of site) {
    if (settings === undefined) continue;
    try {
      settingsSchema(settings);
    } catch (error) {
      // Site plugins in plain JavaScript are not type-checked.
      throw new PluginError(`the settings of the plugin ${name} are wrong: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return withoutClash(() => groupsOf(allPlugins(site), OWN_KEYS));
}

/** The settings groups of these plugins. @param taken reserved names @throws NameClash */
function groupsOf(
  plugins: readonly { readonly name: string; readonly settings?: SettingsGroup }[],
  taken: ReadonlySet<string>,
): readonly SettingsGroup[] {
  const declared = plugins.flatMap(({ name, settings }) => (settings === undefined ? [] : [{ name, settings }]));
  unique('group of settings', [
    ...[...taken].map((key) => [key, 'the config itself'] as const),
    ...declared.map(({ name, settings }) => [settings.key, name] as const),
  ]);
  return declared.map(({ settings }) => settings);
}
