import type { z } from 'zod';
import type { PluginSettings, SettingKey, SettingsGroup, SettingsOf, SettingKeys } from '../plugin/settings.ts';
import { choice, duration, flag, group, integer, ratio, size } from '../yaml/keys.ts';

/** The schema of a plugin's settings group. */
export function settingsSchema({ doc, keys }: SettingsGroup) {
  return group(doc, Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, keySchema(key)])));
}

function keySchema(key: SettingKey): z.ZodType {
  switch (key.type) {
    case 'size':
      return size(key);
    case 'duration':
      return duration(key);
    case 'ratio':
      return ratio(key);
    case 'integer':
      return integer(key);
    case 'flag':
      return flag(key);
    case 'choice':
      // The default is not checked by the schema itself.
      if (!key.choices.includes(key.default))
        throw new Error(`the default ${JSON.stringify(key.default)} is none of ${key.choices.join(', ')}`);
      return choice(key.choices, key);
    default:
      throw new Error(`there is no type ${JSON.stringify((key as { type?: unknown }).type)} of settings`);
  }
}

/** The settings of plugins in a validated config. */
export function pluginSettings(
  file: Readonly<Record<string, unknown>>,
  groups: readonly SettingsGroup[],
): PluginSettings {
  return Object.fromEntries(groups.map(({ key }) => [key, file[key] as SettingsOf<SettingKeys>]));
}
