import { buildPackage, runNode } from './built.ts';
import { median, timed } from './measure.ts';

const ROUNDS = 21;

/** `ballast check` on a small file: the whole process, with the built package, compared with an empty Node process. */
export function benchColdStart(): string[][] {
  buildPackage();
  const check = () => runNode(['dist/main.js', 'check', 'policies/mom-balloon.policy']);
  const empty = () => runNode(['-e', '0']);
  const pairs = Array.from({ length: ROUNDS + 2 }, () => [timed(check), timed(empty)] as const).slice(2);
  const [ours, node] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
  return [['ballast check policies/mom-balloon.policy', `${ours.toFixed(0)} ms`, `${node.toFixed(0)} ms`]];
}
