import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, resolve } from 'node:path';
import { compareSockets } from './against-sockets.ts';
import { compareTables } from './against-tables.ts';
import { median } from './measure.ts';

/**
 * `npm run bench:against -- FOLDER`: compares the evaluation speed of mom-balloon.policy and mom-ksm.policy with another checkout of
 * Ballast, each with its own policies. A ratio below 1 is faster. `replay` or `daemon` after the folder: compares that benchmark;
 * `sockets`: what the control sockets and the metrics cost, compared with a checkout that may have neither.
 *
 * Each process measures one checkout, and the processes alternate: two checkouts in one process would share the JIT compiler's
 * profile, and the one loaded first would be slower by a few percent. JIT compilation varies as much between processes, hence the
 * many rounds; comparing the other checkout with itself shows the noise of the ratio.
 */
const ROUNDS = 16;
const HERE = fileURLToPath(new URL('..', import.meta.url));
const MEASURE = fileURLToPath(new URL('against-process.ts', import.meta.url));

/** Rounds of the complete benchmarks; each run takes a minute or more. */
const TABLE_ROUNDS: Readonly<Record<string, number>> = { replay: 3, daemon: 3, sockets: 2 };

const [folder, name, times] = process.argv.slice(2);
if (folder === undefined || (name !== undefined && !Object.hasOwn(TABLE_ROUNDS, name))) {
  process.stderr.write(
    `usage: npm run bench:against -- FOLDER [${Object.keys(TABLE_ROUNDS).join('|')} [ROUNDS]], where FOLDER is another checkout of Ballast\n`,
  );
  process.exit(2);
}
const there = resolve(folder);
if (name !== undefined) {
  const rounds = Number(times ?? TABLE_ROUNDS[name]);
  const lines =
    name === 'sockets' ? await compareSockets(HERE, there, rounds) : compareTables(HERE, there, name, rounds);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(0);
}

/** Microseconds per guest, by case. */
function measure(root: string): Record<string, number> {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', MEASURE, root], {
    cwd: dirname(MEASURE),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`measuring ${root} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, number>;
}

const rounds = Array.from({ length: ROUNDS }, (_, round) => {
  // Every other round reverses the order, so that neither side always runs first while the machine warms up.
  const order = round % 2 === 0 ? [HERE, there, there] : [there, there, HERE];
  const measured = order.map(measure);
  const [a, b] = order.flatMap((root, at) => (root === there ? [measured[at]!] : []));
  return { ours: measured[order.indexOf(HERE)]!, theirs: a!, again: b! };
});

const micros = (values: readonly number[]): string => `${median(values).toFixed(3)} µs`;
process.stdout.write('| case | here | there | here / there | there / there |\n| --- | --- | --- | --- | --- |\n');
for (const name of Object.keys(rounds[0]!.ours)) {
  const ours = rounds.map((round) => round.ours[name]!);
  const theirs = rounds.map((round) => (round.theirs[name]! + round.again[name]!) / 2);
  const ratio = median(ours.map((value, at) => value / theirs[at]!));
  const noise = median(rounds.map((round) => round.again[name]! / round.theirs[name]!));
  process.stdout.write(
    `| ${name} | ${micros(ours)} | ${micros(theirs)} | ${ratio.toFixed(3)} | ${noise.toFixed(3)} |\n`,
  );
}
