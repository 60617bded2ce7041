// `sudo npm run calibrate [-- OPTIONS]`: records how real guests, a real host and its KSM behave, for the constants of the simulator. What
// follows: scripts/calibration/fit.ts prints the constants that fit, scripts/calibration/validate.ts writes docs/calibration.md.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBedSession } from '../test/real-host/bed/session.ts';
import { prepareSmallHost } from '../test/real-host/bed/small-host.ts';
import { KSMD, type ExperimentPlan } from '../test/real-host/calibration/plan.ts';
import { parseOptions, USAGE } from '../test/real-host/calibration/options.ts';
import { InvalidOptions } from '../test/real-host/density/options.ts';
import { Ksmd, MANY_SHARES, preferGuests, USUAL_SHARES } from './calibration/priority.ts';

const args = process.argv.slice(2);

async function main(): Promise<number> {
  const { folder, experiments, list } = parseOptions(args);
  if (list) {
    for (const { name, seconds, about } of experiments) console.log(`${name}, ${seconds} s: ${about}`);
    return 0;
  }
  await mkdir(folder, { recursive: true });
  const ksmd = await Ksmd.watch(join(folder, KSMD));
  try {
    return await record(folder, experiments);
  } finally {
    await ksmd.leave();
    await preferGuests(USUAL_SHARES);
  }
}

function record(folder: string, experiments: readonly ExperimentPlan[]): Promise<number> {
  const guests = Math.max(...experiments.map((experiment) => experiment.guests.length));
  return runBedSession({
    name: 'calibrate',
    commandLine: [
      process.execPath,
      fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url)),
      fileURLToPath(new URL('../test/real-host/calibration/main.ts', import.meta.url)),
      ...args,
      ...['--folder', resolve(folder)],
    ],
    prepare: async (bed, signal) => {
      await prepareSmallHost(bed, { swapMib: 2048, guests, guestSwapMib: 512 }, signal);
      await preferGuests(MANY_SHARES);
    },
  });
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
