import type { Vocabulary } from '../model/vocabulary.ts';
import { builtinPlugins } from './plugins.ts';

/**
 * The names that policies can use on this host. Without a config these are the built-in plugins', and the config's
 * machinery is not even loaded: `ballast check` should answer at once.
 */
export async function vocabularyFor(configPath: string | null): Promise<{ readonly vocabulary: Vocabulary } | { readonly error: string }> {
  if (configPath === null) return { vocabulary: builtinPlugins().vocabulary };
  const { loadPluginsOf, SetupError } = await import('./setup.ts');
  try {
    return { vocabulary: (await loadPluginsOf(configPath)).vocabulary };
  } catch (error) {
    if (error instanceof SetupError) return { error: error.message };
    throw error;
  }
}
