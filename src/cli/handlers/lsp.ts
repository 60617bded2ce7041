import { readdir } from 'node:fs/promises';
import { readPolicy } from '../../policy-files/read.ts';
import { serve } from '../../tooling/lsp/server.ts';
import { followConfig, readDefaults } from './lsp-config.ts';
import type { Io } from '../support/io.ts';
import type { Signals } from '../support/signals.ts';
import { shippedFolder } from '../support/shipped-folder.ts';
import { VERSION } from '../version.ts';

/** `ballast lsp`: the language server, over standard input and output, until the editor leaves. */
export async function serveEditor(
  { config }: { readonly config: string | null },
  io: Io,
  signals: Signals,
): Promise<number> {
  return serve({
    readConfig: config === null ? readDefaults() : followConfig(config),
    input: io.stdin,
    output: io.stdout,
    version: VERSION,
    files: { read: readPolicy, list: readdir },
    pages: await shippedFolder('docs/messages', 'README.md'),
    stop: signals.stop,
    isAlive: signals.isAlive,
    log: (line) => void io.stderr.write(`${line}\n`),
  });
}
