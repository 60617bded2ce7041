import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import * as here from '../src/policy/index.ts';
import { benchInput } from './inputs.ts';
import { pairwise } from './measure.ts';

/**
 * `npm run bench:against -- FOLDER`: evaluation speed of balloon.policy and ksm.policy here against that of another checkout
 * of Ballast (with its own policies), in turn in one process. Under 1 is faster.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: npm run bench:against -- FOLDER, where FOLDER is another checkout of Ballast\n');
  process.exit(2);
}
const other = resolve(folder);
const there = (await import(pathToFileURL(join(other, 'src/policy/index.ts')).href)) as typeof here;
const { vocabulary } = builtinPlugins();

function program(policy: typeof here, root: string) {
  const sources = ['balloon', 'ksm'].map((name) => ({ file: `${name}.policy`, text: readFileSync(join(root, 'policies', `${name}.policy`), 'utf8') }));
  const loaded = policy.loadPolicy(sources, { vocabulary }).program;
  if (loaded === null) throw new Error(`the policies of ${root} do not load`);
  return loaded;
}

const ours = program(here, resolve(import.meta.dirname, '..'));
const theirs = program(there, other);
process.stdout.write('| case | here | there | ratio (median of pairs) |\n| --- | --- | --- | --- |\n');
for (const guests of [10, 100, 1000]) {
  for (const short of [true, false]) {
    const input = benchInput(vocabulary, guests, short);
    const { oursMs, baselineMs, ratio } = pairwise(
      () => here.evaluate(ours, input, EMPTY_MEMORY),
      () => there.evaluate(theirs, input, EMPTY_MEMORY),
      101,
      Math.ceil(20_000 / guests),
    );
    const micros = (ms: number): string => `${((ms * 1000) / guests).toFixed(3)} µs`;
    process.stdout.write(`| ${guests} guests, host ${short ? 'short' : 'not short'} of memory | ${micros(oursMs)} | ${micros(baselineMs)} | ${ratio.toFixed(3)} |\n`);
  }
}
