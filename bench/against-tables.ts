import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './measure.ts';

/**
 * Compares complete benchmarks (`replay`, `daemon`) of this checkout with those of another. Each checkout runs its own code;
 * the runs alternate. Compares the first figure of each row; whether higher is better depends on the benchmark.
 */
export function compareTables(here: string, there: string, name: string, rounds: number): string[] {
  const runs = Array.from({ length: rounds }, (_, round) => {
    // Every other round reverses the order, so that neither side always runs first while the machine warms up.
    const order = round % 2 === 0 ? [here, there] : [there, here];
    const measured = new Map(order.map((root) => [root, figuresOf(root, name)]));
    return { ours: measured.get(here)!, theirs: measured.get(there)! };
  });
  const cases = Object.keys(runs[0]!.ours).filter((row) => row in runs[0]!.theirs);
  return [
    `| ${name} | here | there | here / there |`,
    '| --- | --- | --- | --- |',
    ...cases.map((row) => {
      const [ours, theirs] = [runs.map((run) => run.ours[row]!), runs.map((run) => run.theirs[row]!)];
      const ratio = median(ours.map((value, at) => value / theirs[at]!));
      return `| ${row} | ${median(ours)} | ${median(theirs)} | ${ratio.toFixed(3)} |`;
    }),
  ];
}

/** The first figure of each row of a benchmark's table, by row name. */
function figuresOf(root: string, name: string): Record<string, number> {
  const run = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'bench/run.ts'), name], {
    cwd: root,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`the benchmark ${name} of ${root} ended with ${run.status}: ${run.stderr}`);
  const rows = run.stdout.split('\n').filter((line) => line.startsWith('| '));
  return Object.fromEntries(
    rows.slice(2).map((line) => {
      const [, row = '', figure = ''] = line.split('|').map((cell) => cell.trim());
      return [row, Number.parseFloat(figure.replaceAll(',', ''))];
    }),
  );
}
