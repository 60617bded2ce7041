import type { Vocabulary } from '../model/vocabulary.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { builtinPlugins } from './plugins.ts';

/** The names that policies can use on this host. */
export async function vocabularyFor(
  configPath: string | null,
): Promise<{ readonly vocabulary: Vocabulary } | { readonly error: string }> {
  const found = await pluginsFor(configPath);
  return 'error' in found ? found : { vocabulary: found.plugins.vocabulary };
}

/**
 * The plugins of this host. Without a config these are the built-in ones, and the config's machinery is not even loaded:
 * `ballast check` should answer at once.
 */
export async function pluginsFor(
  configPath: string | null,
): Promise<{ readonly plugins: Plugins } | { readonly error: string }> {
  if (configPath === null) return { plugins: builtinPlugins() };
  const { loadPluginsOf, SetupError } = await import('./setup.ts');
  try {
    return { plugins: await loadPluginsOf(configPath) };
  } catch (error) {
    if (error instanceof SetupError) return { error: error.message };
    throw error;
  }
}
