// `sudo npm run test:density [-- OPTIONS]`: how guests get on with a policy on a real host that is too small for them, compared with no
// policy at all. Prints a table and writes docs/density.md. Everything changed on the machine is restored afterwards, as for test:host.
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runBedSession } from '../test/real-host/bed/session.ts';
import { prepareSmallHost } from '../test/real-host/bed/small-host.ts';
import { InvalidOptions, NO_POLICY, parseOptions, USAGE } from '../test/real-host/density/options.ts';

const args = process.argv.slice(2);

async function main(): Promise<number> {
  const { guests, guestMib, policies, config } = parseOptions(args);
  // Before guests have run for minutes.
  for (const path of [...policies.filter((policy) => policy !== NO_POLICY), ...(config === null ? [] : [config])]) {
    await access(path).catch((error: Error) => {
      throw new InvalidOptions(`cannot read ${path}: ${error.message}`);
    });
  }
  return runBedSession({
    name: 'test:density',
    commandLine: [
      process.execPath,
      fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url)),
      fileURLToPath(new URL('../test/real-host/density/main.ts', import.meta.url)),
      ...args,
    ],
    prepare: (bed, signal) =>
      // All of the guests' memory fits into swap: a host without memory is slow, but kills nothing.
      prepareSmallHost(bed, { swapMib: guests * guestMib, guests, guestSwapMib: guestMib }, signal),
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
