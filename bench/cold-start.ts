import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median, timed } from './measure.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = 21;

/** `ballast check` on a small file, the whole process, from the built package, next to a Node that does nothing. */
export function benchColdStart(): string[][] {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
  const check = () => run(['dist/main.js', 'check', 'policies/balloon.policy']);
  const nothing = () => run(['-e', '0']);
  const pairs = Array.from({ length: ROUNDS + 2 }, () => [timed(check), timed(nothing)] as const).slice(2);
  const [ours, node] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
  return [['ballast check policies/balloon.policy', `${ours.toFixed(0)} ms`, `${node.toFixed(0)} ms`]];
}

function run(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
}
