// `sudo npm run test:density [-- OPTIONS]`: how many guests a real host carries with each policy and without any, beside what the simulator
// says. Prints tables and writes docs/density.md. Everything changed on the machine is restored afterwards, as for test:host.
import { existsSync } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenarioText } from '../src/simulation/scenario/write.ts';
import { runBedSession } from '../test/real-host/bed/session.ts';
import { prepareSmallHost } from '../test/real-host/bed/small-host.ts';
import { preferGuests, USUAL_SHARES } from './calibration/priority.ts';
import { rowsOf } from '../test/real-host/density/carried.ts';
import {
  InvalidOptions,
  limitOf,
  NO_POLICY,
  parseFiles,
  parseOptions,
  USAGE,
  type DensityOptions,
} from '../test/real-host/density/options.ts';
import { page } from '../test/real-host/density/page.ts';
import { readResults, resultsFile } from '../test/real-host/density/results.ts';
import { estimate } from '../test/real-host/density/schedule.ts';
import { scenarioOf, simulateAll } from '../test/real-host/density/simulated.ts';
import { carriedTable, figuresTable, sameRuns, textTable } from '../test/real-host/density/table.ts';

const args = process.argv.slice(2);

/** Other programs of the machine must not decide how long a step takes, but Ballast needs a CPU, too. */
const GUEST_SHARES = 10 * USUAL_SHARES;

async function main(): Promise<number> {
  const options = parseOptions(args);
  const files = parseFiles(args);
  if (files.from === null) {
    await requireFiles(options);
    const path = resultsFile(files);
    await rm(path, { force: true });
    const code = await measure(options);
    if (code !== 0) {
      if (existsSync(path))
        console.error(`What has been measured is in ${path}: -- --from ${path} makes tables and page of it`);
      return code;
    }
  }
  await evaluate(resultsFile(files));
  return 0;
}

/** Before guests have run for minutes. */
async function requireFiles({ policies, config }: DensityOptions): Promise<void> {
  for (const path of [...policies.filter((policy) => policy !== NO_POLICY), ...(config === null ? [] : [config])]) {
    await access(path).catch((error: Error) => {
      throw new InvalidOptions(`cannot read ${path}: ${error.message}`);
    });
  }
}

async function measure(options: DensityOptions): Promise<number> {
  const { runs, minutes } = estimate(options);
  console.log(`test:density: ${runs} runs of ${options.seconds} s, about ${minutes} min with what is around them`);
  const guests = Math.max(...options.guests);
  try {
    return await runBedSession({
      name: 'test:density',
      commandLine: [
        process.execPath,
        fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url)),
        fileURLToPath(new URL('../test/real-host/density/main.ts', import.meta.url)),
        ...args,
      ],
      prepare: async (bed, signal) => {
        // All of the guests' memory fits into swap: a host without memory is slow, but kills nothing.
        const swap = { swapMib: guests * options.guestMib, guests, guestSwapMib: options.guestMib };
        await prepareSmallHost(bed, swap, signal);
        await preferGuests(GUEST_SHARES);
      },
    });
  } finally {
    await preferGuests(USUAL_SHARES);
  }
}

/** Simulates the same, and makes tables and page of both. */
async function evaluate(path: string): Promise<void> {
  const read = await readResults(path);
  const options = { ...read.options, limit: limitOf(args) ?? read.options.limit };
  const results = { ...read, options };
  const { page: pageFile, scenarios } = parseFiles(args);
  const folder = await mkdtemp(join(tmpdir(), 'density-'));
  try {
    const simulated = await simulateAll(options, folder);
    const same = sameRuns(results.runs, simulated);
    const [real, model] = [rowsOf(results.runs, options), rowsOf(same, options)];
    const tables = [carriedTable(real, model, options, options), figuresTable(real), figuresTable(model)];
    console.log(tables.map(textTable).join('\n\n'));
    if (pageFile !== null) await writeFile(pageFile, page(results, simulated));
    if (scenarios !== null) await writeScenarios(scenarios, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeScenarios(folder: string, options: DensityOptions): Promise<void> {
  for (const guests of options.guests)
    for (let round = 0; round < options.rounds; round += 1) {
      const scenario = scenarioOf(options, guests, round);
      await writeFile(join(folder, `${scenario.name}.yaml`), scenarioText(scenario));
    }
}

if (args.includes('--help')) {
  console.log(USAGE);
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof InvalidOptions)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
