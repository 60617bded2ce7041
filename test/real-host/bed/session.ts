import { constants } from 'node:os';
import { BED, claimBed, dismantleBed, runInBed } from './bed.ts';
import { guestImage } from './image.ts';
import { guestKernel } from './kernel.ts';
import { leftovers, notePackages } from './leftovers.ts';
import { installPackages, requireApt, UnsuitableMachine } from './packages.ts';

/** Something that runs in the test bed. */
export interface BedSession {
  /** The npm script, for messages. */
  readonly name: string;
  readonly commandLine: readonly string[];
  /** Further preparations, outside of the bed. */
  readonly prepare?: (bed: string, signal: AbortSignal) => Promise<void>;
}

class Interrupted extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/**
 * Prepares the machine, runs a command in the test bed, always dismantles the bed afterwards, and lists what stays. Resolves to
 * the exit code: that of the command, 2 on an unsuitable machine.
 */
export async function runBedSession(session: BedSession): Promise<number> {
  const log = (line: string): void => console.log(`${session.name}: ${line}`);
  const stop = new AbortController();
  // Not removed after the first signal: a second Ctrl-C must not interrupt the clean-up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.abort(new Interrupted(signal)));
  try {
    await requireMachine(session.name);
    try {
      return await prepareAndRun(session, log, stop.signal);
    } finally {
      for (const line of await leftovers()) log(line);
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      log(`${error.message}; guests, libvirtd and KSM's settings are cleaned up`);
      return 128 + constants.signals[error.signal];
    }
    if (!(error instanceof UnsuitableMachine)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function requireMachine(name: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new UnsuitableMachine(
      `The real-host tests run on x86-64 Linux; this is ${process.platform} ${process.arch}.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new UnsuitableMachine(
      `The real-host tests start libvirtd and steer the kernel's KSM, so they need root: sudo npm run ${name}`,
    );
  }
  await requireApt();
}

async function prepareAndRun(session: BedSession, log: (line: string) => void, signal: AbortSignal): Promise<number> {
  await installPackages(log, signal, notePackages);
  const kernel = await guestKernel(log, signal);
  const image = await guestImage(kernel, signal);
  await claimBed(log, signal);
  try {
    await session.prepare?.(BED, signal);
    return await runInBed(image, session.commandLine, signal);
  } finally {
    await dismantleBed(log);
  }
}
