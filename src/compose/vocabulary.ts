import type { Vocabulary } from '../model/vocabulary.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { builtinPlugins } from './plugins.ts';

/** The names that policies can use on this host. @throws SetupError */
export async function vocabularyFor(configPath: string | null): Promise<Vocabulary> {
  return (await pluginsFor(configPath)).vocabulary;
}

/**
 * The plugins of this host. Without a config these are the built-in ones, and the config's machinery is not even loaded:
 * `ballast check` should answer at once.
 * @throws SetupError
 */
export async function pluginsFor(configPath: string | null): Promise<Plugins> {
  if (configPath === null) return builtinPlugins();
  const { loadPluginsOf } = await import('./setup.ts');
  return loadPluginsOf(configPath);
}
