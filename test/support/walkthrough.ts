import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/**
 * A step of a page that a test runs. Code blocks marked `<!-- write: NAME -->` are files. Blocks marked `<!-- run -->` contain
 * commands after `$`, followed by their output; lines after `>` are standard input of the command above.
 */
export type Step =
  | { readonly kind: 'write'; readonly line: number; readonly name: string; readonly text: string }
  | {
      readonly kind: 'run';
      readonly line: number;
      readonly command: string;
      readonly typed: readonly string[];
      readonly output: readonly string[];
    };

const MARKED = /<!-- (run|write: \S+) -->\n```\w*\n([\s\S]*?)^```$/gm;

export function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(MARKED)].flatMap((match): readonly Step[] => {
    const [, mark = '', block = ''] = match;
    const line = page.slice(0, match.index).split('\n').length + 2;
    if (mark !== 'run') return [{ kind: 'write', line, name: mark.slice('write: '.length), text: block }];
    const commands: { command: string; line: number; typed: string[]; output: string[] }[] = [];
    for (const [at, written] of block.split('\n').slice(0, -1).entries()) {
      const last = commands.at(-1);
      if (written.startsWith('$ '))
        commands.push({ command: written.slice(2), line: line + at, typed: [], output: [] });
      else if (last === undefined) throw new Error(`line ${line + at}: what runs begins with $`);
      else if (written.startsWith('> ')) last.typed.push(written.slice(2));
      else last.output.push(written);
    }
    return commands.map((each) => ({ kind: 'run', ...each }));
  });
}

/** Runs all steps in one shell, so that variables persist, and returns the output of each. */
export async function runAll(
  steps: readonly Step[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const mark = '--- the next step ---';
  const script = steps.map((step) => {
    if (step.kind === 'write') return `cat > ${step.name} <<'END OF FILE'\n${step.text}END OF FILE\necho '${mark}'\n`;
    const input = step.typed.length > 0 ? `<<'END OF INPUT'\n${step.typed.join('\n')}\nEND OF INPUT` : '< /dev/null';
    return `{ ${step.command}\n} ${input}\necho '${mark}'\n`;
  });
  const shell = spawn('bash', ['-c', `exec 2>&1\n${script.join('')}`], { cwd: folder, env });
  const closed = once(shell, 'close');
  const printed = await text(shell.stdout);
  await closed;
  return printed.split(`${mark}\n`).slice(0, -1);
}

/** Whether the output matches the page. `…` matches any text within a line; alone on a line, it matches any lines. */
export function isAsShown(shown: readonly string[], printed: string): boolean {
  const pattern = shown
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escape).join('.*')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(printed);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
