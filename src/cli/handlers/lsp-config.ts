import { stat } from 'node:fs/promises';
import { SetupError } from '../../compose/setup-error.ts';
import { fileStamp } from '../../support/file-stamp.ts';
import type { EditorConfig, ReadEditorConfig } from '../../tooling/lsp/editor-config.ts';

/** Answers what a config says now. It is read again when it, the parameters file or a folder of policies that it names has changed. */
export function followConfig(config: string): ReadEditorConfig {
  let followed: readonly string[] = [];
  let stamps: string | null = null;
  let known: EditorConfig | null = null;
  let lastGood: EditorConfig | null = null;
  const look = async (): Promise<EditorConfig> => {
    // Of before the reading: what changes meanwhile is read again.
    const now = (await Promise.all([config, ...followed].map(stampOf))).join('\n');
    if (known !== null && now === stamps) return known;
    const read = await readConfig(config, lastGood);
    stamps = now;
    known = read.known;
    if (read.followed !== null) [lastGood, followed] = [known, read.followed];
    return known;
  };
  let looking: Promise<EditorConfig> | null = null;
  // Who asks meanwhile waits for the same answer: a disk that hangs is asked once.
  return () =>
    (looking ??= look().finally(() => {
      looking = null;
    }));
}

/** An invalid config does not stop the language server: the last valid config stays in effect, or the defaults. `followed` is then null. */
async function readConfig(
  config: string,
  lastGood: EditorConfig | null,
): Promise<{ readonly known: EditorConfig; readonly followed: readonly string[] | null }> {
  const { loadPolicySetup } = await import('../../compose/setup.ts');
  try {
    const { files, followed, warning, ...knowledge } = await loadPolicySetup(config);
    return {
      known: {
        ...knowledge,
        programs: [files],
        warning: warning && `Ballast ignores the parameters file: ${warning}`,
      },
      followed,
    };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const warning = `Ballast goes on ${lastGood ? 'with the config as it was' : 'without the config'}: ${error.message}`;
    return { known: { ...(lastGood ?? (await withoutConfig())), warning }, followed: null };
  }
}

/** The same without a config: nothing changes. */
export function lookWithoutConfig(): ReadEditorConfig {
  const known = withoutConfig();
  return () => known;
}

async function withoutConfig(): Promise<EditorConfig> {
  const { builtinPlugins } = await import('../../compose/plugins.ts');
  return { vocabulary: builtinPlugins().vocabulary, limits: {}, overrides: [], programs: [], warning: null };
}

/** What changes when a file does, or the list of what is in a folder. */
async function stampOf(path: string): Promise<string> {
  try {
    return `${path} ${fileStamp(await stat(path, { bigint: true }))}`;
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
