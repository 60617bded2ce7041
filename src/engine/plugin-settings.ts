import type { PluginSettings, SettingKeys, SettingsGroup, SettingsOf } from '../plugin/settings.ts';

/** The settings of one plugin: none for one that declares no group. */
export function settingsFor<Keys extends SettingKeys>(
  { settings }: { readonly settings?: SettingsGroup<Keys> },
  all: PluginSettings,
): SettingsOf<Keys> {
  if (settings === undefined) return {} as SettingsOf<Keys>;
  const own = all[settings.key];
  if (own === undefined) throw new Error(`the settings of ${settings.key} were not read`);
  return own as SettingsOf<Keys>;
}
