import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ksm } from '../../test/real-host/support/ksm.ts';
import { startDaemon, type BenchDaemon } from './daemon.ts';
import { BenchGuests, type MemorySet } from './guests.ts';
import { cpuSeconds } from './kernel.ts';

/** What decides how ksmd scans: a policy in a daemon, or settings that stay. */
export interface Rules {
  readonly title: string;
  readonly policy?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Sample {
  /** Since the first guest started. */
  readonly seconds: number;
  /** Merged pages less those that are in use for them, MiB. */
  readonly savedMib: number;
  /** CPU time of ksmd so far. */
  readonly cpuS: number;
}

export interface Run {
  readonly samples: readonly Sample[];
  /** When all guests had touched their memory. */
  readonly touchedS: number;
}

const SAMPLE_MS = 1000;
const PAGE_KIB = 4;

/** Nothing merged, nothing scanned, and the settings with which a kernel boots. */
export async function resetKsm(): Promise<void> {
  await ksm.write('run', 2);
  const settings = await ksm.settings();
  await ksm.restore({ ...settings, run: '0', advisor_mode: 'none', pages_to_scan: '100', sleep_millisecs: '20' });
}

export async function runRules(
  rules: Rules,
  set: MemorySet,
  { seconds, ksmd, signal, log }: { seconds: number; ksmd: number; signal: AbortSignal; log: (line: string) => void },
): Promise<Run> {
  await resetKsm();
  const guests = new BenchGuests();
  const folder = await mkdtemp(join(tmpdir(), 'ballast-bench-ksm-'));
  let daemon: BenchDaemon | null = null;
  try {
    if (rules.policy !== undefined) daemon = await startDaemon(folder, rules.policy, guests, ksmd);
    else await ksm.restore({ ...(await ksm.settings()), ...rules.settings });
    const [startMs, startS] = [performance.now(), await cpuSeconds(ksmd)];
    const elapsed = () => (performance.now() - startMs) / 1000;
    const samples: Sample[] = [];
    let touchedS = Infinity;
    const booting = guests
      .start(set, signal, async (guest) => daemon?.addGuest(guest, set.guestMib))
      .then(() => (touchedS = elapsed()));
    booting.catch(() => undefined);
    while (elapsed() < seconds) {
      await sleep(SAMPLE_MS, undefined, { signal });
      await daemon?.refresh();
      const savedKib = (await guests.mergedKib()) - PAGE_KIB * (await ksm.read('pages_shared'));
      samples.push({
        seconds: elapsed(),
        savedMib: Math.max(0, savedKib) / 1024,
        cpuS: (await cpuSeconds(ksmd)) - startS,
      });
    }
    await booting;
    return { samples, touchedS };
  } finally {
    await daemon?.stop();
    await guests.stop();
    if (daemon !== null) log(await readFile(join(folder, 'log'), 'utf8'));
    await rm(folder, { recursive: true });
    await resetKsm();
  }
}
