import { readdir } from 'node:fs/promises';
import { rereadableIo } from '../../yaml/rereadable.ts';
import { serve } from '../../tooling/lsp/server.ts';
import { followConfig, lookWithoutConfig } from './lsp-config.ts';
import type { Io } from '../support/io.ts';
import type { Signals } from './run.ts';
import { VERSION } from '../version.ts';

/** `ballast lsp`: the language server, over standard input and output, until the editor leaves. */
export async function lspCommand(
  { config }: { readonly config: string | null },
  io: Io,
  signals: Signals,
): Promise<number> {
  return serve({
    look: config === null ? lookWithoutConfig() : followConfig(config),
    input: io.stdin,
    output: io.stdout,
    version: VERSION,
    // A pipe among the files of a folder would hold up all that is asked about it.
    files: {
      read: async (path) => Buffer.from(await rereadableIo.read(path, Infinity)).toString('utf8'),
      list: readdir,
    },
    stop: signals.stop,
    isAlive: signals.isAlive,
    log: (line) => void io.stderr.write(`${line}\n`),
  });
}
