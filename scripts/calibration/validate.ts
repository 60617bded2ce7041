// `npx tsx scripts/calibration/validate.ts`: compares the simulator with the recordings in test/fixtures/calibration, and writes
// docs/calibration.md and docs/calibration.svg.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { compare, type Comparison } from './figures.ts';
import { fitsOf, FIXTURES } from './fit.ts';
import { readObserved } from './observe.ts';
import { page } from './page.ts';
import { plot } from './plot.ts';
import { simulate } from './simulate.ts';

/** The two files, by their path in the repository. */
export async function calibrationFiles(folder = FIXTURES): Promise<ReadonlyMap<string, string>> {
  const recordings = await readObserved(folder);
  const of = (set: string): readonly Comparison[] =>
    recordings.filter(({ plan }) => plan.set === set).flatMap((observed) => compare(observed, simulate(observed)));
  const heldOut = of('held-out');
  const text = page({ recordings, heldOut, fit: of('fit'), fits: fitsOf(recordings) });
  return new Map([
    ['docs/calibration.md', await format(text, { parser: 'markdown', proseWrap: 'preserve' })],
    ['docs/calibration.svg', plot(heldOut)],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await calibrationFiles(process.argv[2]))
    await writeFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), text);
}
