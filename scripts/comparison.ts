// `npm run comparison`: simulates the shipped policies on all scenarios, and writes docs/comparison.md and docs/comparison.svg. It takes
// minutes of all CPUs; what has been simulated before, and has not changed, is not simulated again.
import { writeFile } from 'node:fs/promises';
import { comparisonMarkdown } from './comparison/markdown.ts';
import { comparisonPicture } from './comparison/picture.ts';
import { compareSet, HELD_OUT, SCENARIOS, SET } from './comparison/set.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const startedMs = Date.now();
const { comparison, simulations } = await compareSet({ ...SET, scenarios: SCENARIOS }, process.stderr, stop.signal);
if (comparison.runs.length < simulations) {
  console.error(`stopped: ${comparison.runs.length} of ${simulations} simulations finished; nothing was written`);
  process.exitCode = 1;
} else {
  await writeFile(new URL('../docs/comparison.md', import.meta.url), comparisonMarkdown(comparison, HELD_OUT));
  await writeFile(new URL('../docs/comparison.svg', import.meta.url), comparisonPicture(comparison));
  console.log(`docs/comparison.md, docs/comparison.svg: ${Math.round((Date.now() - startedMs) / 1000)} s`);
}
