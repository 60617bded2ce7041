import { readdir } from 'node:fs/promises';
import { rereadableIo } from '../config/rereadable.ts';
import type { Knowledge } from '../editor/index.ts';
import { serve } from '../lsp/server.ts';
import type { Io } from './io.ts';
import type { Signals } from './run.ts';
import { VERSION } from './version.ts';

/** `ballast lsp`: the language server, over standard input and output, until the editor leaves. */
export async function lspCommand(options: { readonly config: string | null }, io: Io, signals: Signals): Promise<number> {
  const { warning, programs, ...knowledge } = await known(options.config);
  return serve({
    ...knowledge,
    warning,
    programs,
    input: io.stdin,
    output: io.stdout,
    version: VERSION,
    // A pipe among the files of a folder would hold up all that is asked about it.
    files: { read: async (path) => Buffer.from(await rereadableIo.read(path, Infinity)).toString('utf8'), list: readdir },
    stop: signals.stop,
    isAlive: signals.isAlive,
    log: (line) => void io.stderr.write(`${line}\n`),
  });
}

/** What the config says. A config that is wrong takes nobody's editor away: the server then knows what it knows without one. */
async function known(config: string | null): Promise<Knowledge & { readonly programs: readonly (readonly string[])[]; readonly warning: string | null }> {
  if (config !== null) {
    const { loadPolicySetup, SetupError } = await import('../compose/setup.ts');
    try {
      const { files, ...knowledge } = await loadPolicySetup(config);
      return { ...knowledge, programs: [files], warning: null };
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      return { ...(await builtin()), warning: `Ballast goes on without the config: ${error.message}` };
    }
  }
  return { ...(await builtin()), warning: null };
}

async function builtin() {
  const { builtinPlugins } = await import('../compose/plugins.ts');
  return { vocabulary: builtinPlugins().vocabulary, limits: {}, overrides: [], programs: [] };
}
