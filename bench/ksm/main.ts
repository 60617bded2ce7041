// `sudo npm run bench:ksm [-- OPTIONS]`: what policies make of the kernel's KSM, beside fixed settings and the kernel's advisor. Every run has the
// same memory: processes that start one after the other and share an image. Restores KSM's settings, also when it is interrupted.
import { constants, getPriority, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { ksm } from '../../test/real-host/support/ksm.ts';
import type { MemorySet } from './guests.ts';
import { ksmdPid } from './kernel.ts';
import { resetKsm, runRules, type Rules, type Run } from './run.ts';
import { resultTable } from './table.ts';

const ALL: Readonly<Record<string, Rules>> = {
  most: { title: '1e9 pages, 20 ms', settings: { pages_to_scan: '1000000000', run: '1' } },
  'ksm-budget': { title: '`ksm-budget`', policy: 'ksm-budget' },
  ksmtuned: { title: '`ksmtuned`', policy: 'ksmtuned' },
  advisor: { title: "the kernel's advisor", settings: { advisor_mode: 'scan-time', run: '1' } },
  default: { title: '100 pages, 20 ms (the default)', settings: { pages_to_scan: '100', run: '1' } },
};

/** Other work on the machine must not decide how far ksmd gets, whose own niceness is 5. */
const KSMD_PRIORITY = -10;

const USAGE = `Usage: sudo npm run bench:ksm [-- OPTIONS]
  --guests N      so many processes (8)
  --mib N         the memory of each, MiB (192)
  --every N       seconds between two of them (5)
  --writes N      share of the merged pages that is written to in a minute (0.01)
  --seconds N     how long each run takes (240)
  --only NAMES    ${Object.keys(ALL).join(',')}
  --verbose       print the log of the daemon and each sample`;

class Unsuitable extends Error {}

async function main(signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    options: {
      guests: { type: 'string', default: '8' },
      mib: { type: 'string', default: '192' },
      every: { type: 'string', default: '5' },
      writes: { type: 'string', default: '0.01' },
      seconds: { type: 'string', default: '240' },
      only: { type: 'string', default: Object.keys(ALL).join(',') },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const set: MemorySet = {
    guests: positive('--guests', values.guests),
    guestMib: positive('--mib', values.mib),
    everyS: positive('--every', values.every),
    writes: positive('--writes', values.writes),
    imageShare: 0.6,
  };
  const seconds = positive('--seconds', values.seconds);
  const names = values.only.split(',');
  const unknown = names.find((name) => !Object.hasOwn(ALL, name));
  if (unknown !== undefined) throw new Unsuitable(`--only ${unknown}: it is one of ${Object.keys(ALL).join(', ')}`);
  if (process.getuid?.() !== 0) throw new Unsuitable('Only root can set KSM: sudo npm run bench:ksm');
  const before = await ksm.settings().catch((error: Error) => {
    throw new Unsuitable(`this kernel has no KSM: ${error.message}`);
  });
  if (before['run'] === '1') throw new Unsuitable('KSM runs already: stop what uses it first');
  const ksmd = await ksmdPid();
  const priority = getPriority(ksmd);
  const runs = new Map<Rules, Run>();
  const log = (text: string) => values.verbose && console.error(text);
  try {
    setPriority(ksmd, KSMD_PRIORITY);
    for (const name of names) {
      const rules = ALL[name]!;
      if (rules.settings?.['advisor_mode'] !== undefined && before['advisor_mode'] === undefined) continue;
      console.error(`${rules.title}: ${seconds} s`);
      const run = await runRules(rules, set, { seconds, ksmd, signal, log });
      for (const { seconds: at, savedMib, cpuS } of run.samples)
        log(`${at.toFixed(0)} s: ${savedMib.toFixed(0)} MiB, ${cpuS.toFixed(2)} s`);
      runs.set(rules, run);
    }
  } finally {
    setPriority(ksmd, priority);
    await resetKsm();
    await ksm.restore(before);
  }
  console.log(resultTable([...runs].map(([{ title }, run]) => ({ title, run }))));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Unsuitable(`${option} ${text}: a number above 0`);
  return value;
}

const stop = new AbortController();
// Not removed after the first signal: a second one must not interrupt the clean-up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  });
try {
  await main(stop.signal);
} catch (error) {
  if (error instanceof Unsuitable) {
    console.error(error.message);
    process.exitCode = 2;
  } else if (stop.signal.aborted) console.error("interrupted; KSM's settings are restored");
  else throw error;
}
