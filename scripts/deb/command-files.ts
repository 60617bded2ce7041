import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { specOf } from '../../src/cli/completion/command-spec.ts';
import { COMPLETIONS } from '../../src/cli/completion/index.ts';
import { manPage, type ManPageOptions } from '../../src/cli/manual/man-page.ts';
import { defineProgram } from '../../src/cli/program.ts';

/** Where Debian's shells look for completions. */
const PLACES = {
  bash: 'usr/share/bash-completion/completions/ballast',
  zsh: 'usr/share/zsh/vendor-completions/_ballast',
  fish: 'usr/share/fish/vendor_completions.d/ballast.fish',
} as const satisfies Record<keyof typeof COMPLETIONS, string>;

/** Puts the manual page and the completions into the tree of a package. */
export async function putCommandFiles(tree: string, options: ManPageOptions): Promise<void> {
  const program = defineProgram({
    io: {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      readFile: () => Promise.reject(new Error('nothing is run')),
    },
    signals: { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true },
    action: () => async () => {},
  });
  const put = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  };
  // Before the page, which changes where the help is written to.
  for (const [shell, path] of Object.entries(PLACES))
    await put(path, COMPLETIONS[shell as keyof typeof COMPLETIONS](specOf(program)));
  await put('usr/share/man/man1/ballast.1.gz', gzipSync(manPage(program, options), { level: 9 }));
}
