// `sudo npm run test:host [-- ARGUMENTS OF VITEST]`: the tests against a real libvirtd, real QEMU guests and the kernel's KSM.
// Prepares the machine, runs vitest in the test bed (test/real-host/bed/bed.ts), always dismantles the test bed afterwards, and lists what stays.
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { claimBed, dismantleBed, runInBed } from '../test/real-host/bed/bed.ts';
import { guestImage } from '../test/real-host/bed/image.ts';
import { guestKernel } from '../test/real-host/bed/kernel.ts';
import { leftovers, notePackages } from '../test/real-host/bed/leftovers.ts';
import { installPackages, requireApt, UnsuitableMachine } from '../test/real-host/bed/packages.ts';

class Interrupted extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

const stop = new AbortController();
// Not removed after the first signal: a second Ctrl-C must not interrupt the clean-up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stop.abort(new Interrupted(signal)));

function log(line: string): void {
  console.log(`test:host: ${line}`);
}

async function main(): Promise<number> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UnsuitableMachine(
      `The real-host tests run on x86-64 Linux; this is ${process.platform} ${process.arch}.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new UnsuitableMachine(
      "The real-host tests start libvirtd and steer the kernel's KSM, so they need root: sudo npm run test:host",
    );
  }
  await requireApt();
  try {
    return await runTests();
  } finally {
    for (const line of await leftovers()) log(line);
  }
}

async function runTests(): Promise<number> {
  await installPackages(log, stop.signal, notePackages);
  const kernel = await guestKernel(log, stop.signal);
  const image = await guestImage(kernel, stop.signal);
  await claimBed(log, stop.signal);
  try {
    const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
    const config = fileURLToPath(new URL('../vitest.host.config.ts', import.meta.url));
    return await runInBed(
      image,
      [process.execPath, vitest, 'run', '--config', config, ...process.argv.slice(2)],
      stop.signal,
    );
  } finally {
    await dismantleBed(log);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Interrupted) {
    log(`${error.message}; guests, libvirtd and KSM's settings are cleaned up`);
    process.exitCode = 128 + constants.signals[error.signal];
  } else if (error instanceof UnsuitableMachine) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
