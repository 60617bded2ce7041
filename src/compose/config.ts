import { defaultsOf, loadConfig as load, type ConfigResult } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { settingsSchema } from '../config/plugin-settings.ts';
import { OWN_KEYS } from '../config/schema.ts';
import type { SettingsGroup } from '../plugin/settings.ts';
import { unique } from './unique-names.ts';
import type { FileIo } from '../yaml/file-io.ts';
import { allPlugins, loadModules, PluginError, withoutClash, type Plugin } from './plugins.ts';

/** A config file as it was read, with the site's plugins that it names. */
export interface ReadConfig {
  readonly result: ConfigResult;
  readonly site: readonly Plugin[];
}

/**
 * Reads a config file with the settings of all plugins, which it names in part itself.
 * @throws PluginError where one of them cannot be loaded
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

/** What an empty config file gives. */
export function defaultConfig(): Config {
  return defaultsOf(settingsGroups());
}

/**
 * The groups of settings of the built-in plugins, whether they are in use or not, and of the site's.
 * @throws PluginError where two claim one name, or a site's plugin declares no group that can be read
 */
export function settingsGroups(site: readonly Plugin[] = []): readonly SettingsGroup[] {
  for (const { name, settings } of site) {
    if (settings === undefined) continue;
    try {
      settingsSchema(settings);
    } catch (error) {
      // Nothing has checked what plain JavaScript declares.
      throw new PluginError(`the settings of the plugin ${name} are wrong: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return withoutClash(() => groupsOf(allPlugins(site), OWN_KEYS));
}

/** The groups that these plugins declare. @param taken names that no group can have @throws NameClash */
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
