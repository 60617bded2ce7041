import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { EMPTY_MEMORY } from '../src/model/memory.ts';
import type * as Policy from '../src/policy/index.ts';
import { benchInput } from './inputs.ts';
import { median, timed } from './measure.ts';

// Measures one checkout for `bench:against`: prints the evaluation time per guest in microseconds, by case, as JSON.

const root = process.argv[2] as string;
const { loadPolicy, evaluate } = (await import(pathToFileURL(join(root, 'src/policy/index.ts')).href)) as typeof Policy;
const { vocabulary } = builtinPlugins();
const sources = ['mom-balloon', 'mom-ksm'].map((name) => ({
  file: `${name}.policy`,
  text: readFileSync(join(root, 'policies', `${name}.policy`), 'utf8'),
}));
const { program } = loadPolicy(sources, { vocabulary });
if (program === null) throw new Error(`the policies of ${root} do not load`);

const WARM = 20;
const ROUNDS = 60;
const results: Record<string, number> = {};
for (const guests of [10, 100, 1000]) {
  for (const short of [true, false]) {
    const input = benchInput(vocabulary, guests, short);
    const work = (): void => {
      for (let n = 0; n < 10_000 / guests; n++) evaluate(program, input, EMPTY_MEMORY);
    };
    for (let n = 0; n < WARM; n++) work();
    const ms = median(Array.from({ length: ROUNDS }, () => timed(work)));
    results[`${guests} guests, host ${short ? 'short' : 'not short'} of memory`] = (ms * 1000) / 10_000;
  }
}
process.stdout.write(JSON.stringify(results));
