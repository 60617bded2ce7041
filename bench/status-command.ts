import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const ROUNDS = 21;
/** The first processes read the files of the package from the disk. */
const WARM = 2;

export const STATUS_COMMANDS = ['ballast status', 'ballast status --config FILE', 'an empty Node process'] as const;

/**
 * Runs the built `ballast status` against the daemon whose sockets are in a directory; with `--config` it reads from a file where they are.
 * @returns the times of the whole processes, milliseconds, in the order of {@link STATUS_COMMANDS}
 */
export async function timeStatusCommand(runtime: string, folder: string): Promise<readonly (readonly number[])[]> {
  const config = join(folder, 'ballast.yaml');
  await writeFile(config, `runtime_dir: ${JSON.stringify(runtime)}\n`);
  const commands = [
    [MAIN, 'status', '--socket', runtime],
    [MAIN, 'status', '--config', config],
    ['-e', '0'],
  ];
  const times: number[][] = commands.map(() => []);
  for (let round = 0; round < WARM + ROUNDS; round++) {
    for (const [at, args] of commands.entries()) {
      const ms = await processMs(args);
      if (round >= WARM) times[at]!.push(ms);
    }
  }
  return times;
}

async function processMs(args: readonly string[]): Promise<number> {
  const began = performance.now();
  try {
    await promisify(execFile)(process.execPath, args);
  } catch (error) {
    // Status 1: the daemon has problems to show, such as one without guests.
    if ((error as { code?: unknown }).code !== 1) throw error;
  }
  return performance.now() - began;
}
