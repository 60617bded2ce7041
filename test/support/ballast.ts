import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { start, type Exit, type ProcessOptions, type RunningProcess } from './process.ts';

/** The command of the checkout. It compiles the sources at each start, which takes over a second. */
export const CHECKOUT_BALLAST = fileURLToPath(new URL('../../bin/ballast', import.meta.url));

/** The command that built-command.ts built from this checkout; the command of the checkout if nothing was built. */
export const BALLAST = inject('ballast') ?? CHECKOUT_BALLAST;

/** Starts `ballast`. */
export function startBallast(args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  return start(BALLAST, args, options);
}

/** Runs `ballast` and waits until it exits. */
export async function runBallast(
  args: readonly string[],
  options: ProcessOptions & { readonly command?: string } = {},
): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  const ballast = start(options.command ?? BALLAST, args, options);
  const exit = await ballast.exit;
  return { ...exit, stdout: ballast.stdout.join('\n'), stderr: ballast.stderr.join('\n') };
}
