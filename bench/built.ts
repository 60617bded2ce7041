import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the package as it is shipped, for {@link runNode}. */
export function buildPackage(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
}

/** Runs Node and waits for it; `dist/main.js` is the built package. Returns its standard output; throws if it fails. */
export function runNode(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
