import type { Vocabulary } from '../model/vocabulary.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { builtinPlugins } from './plugins.ts';

/** The names that policies can use with this config. @throws SetupError */
export async function vocabularyFor(configPath: string | null): Promise<Vocabulary> {
  return (await pluginsFor(configPath)).vocabulary;
}

/**
 * The plugins of a config; without one, the built-in plugins. The config modules are then not loaded, which keeps the startup of
 * `ballast check` fast.
 * @throws SetupError
 */
export async function pluginsFor(configPath: string | null): Promise<Plugins> {
  if (configPath === null) return builtinPlugins();
  const { loadPluginsOf } = await import('./setup.ts');
  return loadPluginsOf(configPath);
}
