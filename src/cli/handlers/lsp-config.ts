import { stat } from 'node:fs/promises';
import { SetupError } from '../../compose/setup-error.ts';
import { fileStamp } from '../../support/file-stamp.ts';
import type { EditorConfig, ReadEditorConfig } from '../../tooling/lsp/editor-config.ts';

/** Returns a function that reads a config, and rereads it when it, its parameters file or its policy folder has changed. */
export function followConfig(config: string): ReadEditorConfig {
  let followed: readonly string[] = [];
  let stamps: string | null = null;
  let cached: EditorConfig | null = null;
  let lastValid: EditorConfig | null = null;
  const load = async (): Promise<EditorConfig> => {
    // Taken before reading, so that a change during the read causes another read.
    const newStamps = (await Promise.all([config, ...followed].map(stampOf))).join('\n');
    if (cached !== null && newStamps === stamps) return cached;
    const read = await readConfig(config, lastValid);
    stamps = newStamps;
    cached = read.config;
    if (read.followed !== null) [lastValid, followed] = [cached, read.followed];
    return cached;
  };
  let loading: Promise<EditorConfig> | null = null;
  // Concurrent calls share one read: a disk that hangs is accessed only once.
  return () =>
    (loading ??= load().finally(() => {
      loading = null;
    }));
}

/** An invalid config does not stop the language server: the last valid config stays in effect, or the defaults. `followed` is then null. */
async function readConfig(
  path: string,
  lastValid: EditorConfig | null,
): Promise<{ readonly config: EditorConfig; readonly followed: readonly string[] | null }> {
  const { loadPolicySetup } = await import('../../compose/setup.ts');
  try {
    const { files, followed, warning, ...setup } = await loadPolicySetup(path);
    return {
      config: {
        ...setup,
        programs: [files],
        warning: warning && `Ballast ignores the parameters file: ${warning}`,
      },
      followed,
    };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const warning = `The config cannot be loaded; continuing with ${lastValid ? 'the previous config' : 'the defaults'}: ${error.message}`;
    return { config: { ...(lastValid ?? (await defaultEditorConfig())), warning }, followed: null };
  }
}

/** Without a config: returns the defaults. */
export function readDefaults(): ReadEditorConfig {
  const defaults = defaultEditorConfig();
  return () => defaults;
}

async function defaultEditorConfig(): Promise<EditorConfig> {
  const { builtinPlugins } = await import('../../compose/plugins.ts');
  return { vocabulary: builtinPlugins().vocabulary, limits: {}, overrides: [], programs: [], warning: null };
}

/** A text that changes when the file, or the list of files in the folder, changes. */
async function stampOf(path: string): Promise<string> {
  try {
    return `${path} ${fileStamp(await stat(path, { bigint: true }))}`;
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
