import { createCipheriv } from 'node:crypto';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { start } from '../../support/process.ts';
import { guestSwapFile, setSmallHostTotalKib } from '../bed/small-host.ts';
import { daemonConfig } from '../density/daemon.ts';
import type { SmallHost } from '../density/small-host.ts';
import { destroyAllGuests, Guest } from '../support/guest.ts';
import { ksm } from '../support/ksm.ts';
import type { Event, ExperimentPlan, GuestPlan, Notes } from './plan.ts';
import { runPrograms, waitUntil, type Run } from './program.ts';

export interface Bench {
  readonly host: SmallHost;
  /** The built command. */
  readonly command: string;
  /** For configurations. */
  readonly temporary: string;
  /** The disks of the guests. */
  readonly disks: string;
  /** Where recordings go. */
  readonly folder: string;
}

const TRANSLATION_CACHE_MIB = 32;
const DISK_MIB = 512;
const SETTLE_MS = 2000;
const BOOT_LIMIT_MS = 60_000;
const WATCH_EVERY_MS = 3000;
const WATCH_SIZE_MS = 4000;

/** Runs one experiment, and writes its recording and its notes. */
export async function runExperiment(bench: Bench, plan: ExperimentPlan): Promise<void> {
  await bench.host.setKib(plan.hostMib === null ? null : plan.hostMib * 1024);
  if (!plan.hostSwap && plan.hostMib !== null) await setSmallHostTotalKib(plan.hostMib * 1024);
  const ksmBefore = await ksm.settings();
  for (const index of plan.guests.keys()) await freshDisk(guestSwapFile(bench.disks, index), plan.guests[index]!);
  const recording = join(bench.folder, `${plan.name}.jsonl.gz`);
  await rm(recording, { force: true });
  const daemon = await startDaemon(bench, plan, recording);
  try {
    // So that the recording has some seconds of the empty host.
    await sleep(SETTLE_MS);
    const startMs = Math.ceil(Date.now() / 1000) * 1000;
    const events: Event[] = [];
    const run: Run = {
      startMs,
      endMs: startMs + plan.seconds * 1000,
      note: (event) => events.push({ ...event, ms: Date.now() - startMs }),
    };
    await Promise.all([setKsm(plan, run), ...plan.guests.map((guest, index) => live(bench, guest, index, run))]);
    const notes: Notes = { plan, startMs, kernel: release(), cores: availableParallelism(), events };
    await writeFile(join(bench.folder, `${plan.name}.notes.json.gz`), gzipSync(JSON.stringify(notes)));
    const { code } = await daemon.stop('SIGTERM');
    if (code !== 0) throw new Error(['Ballast failed:', ...daemon.stderr.slice(-20)].join('\n'));
  } finally {
    daemon.kill('SIGKILL');
    await destroyAllGuests();
    await setSmallHostTotalKib(null);
    if ((await ksm.read('pages_shared')) > 0) await ksm.write('run', 2);
    await ksm.restore(ksmBefore);
  }
}

async function live(bench: Bench, plan: GuestPlan, index: number, run: Run): Promise<void> {
  await waitUntil(run, plan.startS);
  run.note({ kind: 'started', guest: plan.name });
  const guest = await Guest.start({
    name: plan.name,
    memoryMib: plan.memoryMib,
    statsPeriodS: 1,
    swapFile: guestSwapFile(bench.disks, index),
    translationCacheMib: TRANSLATION_CACHE_MIB,
  });
  const tooLate = new AbortController();
  const limit = sleep(BOOT_LIMIT_MS, undefined, { signal: tooLate.signal }).then(() => {
    throw new Error(`${plan.name} has not booted in ${BOOT_LIMIT_MS / 1000} s.`);
  });
  limit.catch(() => {});
  await Promise.race([guest.waitBooted(), limit]).finally(() => tooLate.abort());
  run.note({ kind: 'booted', guest: plan.name });
  await Promise.all([runPrograms(guest, plan, run), moveBalloon(guest, plan, run), watchProcess(guest, plan, run)]);
}

/** How much of QEMU's memory is the guest's. */
async function watchProcess(guest: Guest, plan: GuestPlan, run: Run): Promise<void> {
  const pid = await guest.pid();
  while (Date.now() < run.endMs) {
    const smaps = await readFile(`/proc/${pid}/smaps`, 'utf8').catch(() => null);
    // It was killed.
    if (smaps === null || smaps === '') return;
    run.note({ kind: 'process', guest: plan.name, ...residentParts(smaps, plan.memoryMib * 1024) });
    await sleep(WATCH_EVERY_MS);
  }
}

/** From /proc/PID/smaps: the guest's memory is the mapping of its size, which the kernel may have split. */
export function residentParts(smaps: string, memoryKib: number): { guestKib: number; otherKib: number } {
  const mappings = [...smaps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) [^]*?^Rss: +(\d+) kB$/gm)].map((match) => ({
    kib: (parseInt(match[2]!, 16) - parseInt(match[1]!, 16)) / 1024,
    residentKib: Number(match[3]),
  }));
  const guest = mappings.find(({ kib }) => kib === memoryKib);
  const all = mappings.reduce((sum, { residentKib }) => sum + residentKib, 0);
  const guestKib = guest?.residentKib ?? 0;
  return { guestKib, otherKib: all - guestKib };
}

async function moveBalloon(guest: Guest, plan: GuestPlan, run: Run): Promise<void> {
  for (const { atS, mib } of plan.targets) {
    await waitUntil(run, atS);
    if (Date.now() >= run.endMs) return;
    await guest.setMemory(mib * 1024);
    run.note({ kind: 'target', guest: plan.name, mib });
    await watchSize(guest, plan, run, mib);
  }
}

/** Notes the size as often as libvirt says it, until it is there, or for a time. */
async function watchSize(guest: Guest, plan: GuestPlan, run: Run, mib: number): Promise<void> {
  const untilMs = Date.now() + WATCH_SIZE_MS;
  for (let size = -1; size !== mib && Date.now() < untilMs;) {
    size = Math.round(((await guest.memoryStats()).get('actual') ?? 0) / 1024);
    run.note({ kind: 'size', guest: plan.name, mib: size });
  }
}

async function setKsm(plan: ExperimentPlan, run: Run): Promise<void> {
  for (const { atS, run: mode, pagesToScan } of plan.ksm) {
    await waitUntil(run, atS);
    // Before the write: undoing merges takes seconds, and the kernel answers then.
    run.note({ kind: 'ksm', run: mode, pagesToScan });
    await ksm.write('pages_to_scan', pagesToScan);
    await ksm.write('run', mode);
  }
}

/** An empty disk for swap; else one with the same random content in all guests. */
async function freshDisk(path: string, { swapMib }: GuestPlan): Promise<void> {
  if (swapMib > 0) {
    await writeFile(path, '');
    await truncate(path, swapMib * 1024 * 1024);
    return;
  }
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  const piece = Buffer.alloc(1024 * 1024);
  await writeFile(path, Buffer.concat(Array.from({ length: DISK_MIB }, () => cipher.update(piece))));
}

async function startDaemon(bench: Bench, plan: ExperimentPlan, recording: string) {
  const config = join(bench.temporary, `${plan.name}.yaml`);
  const { root, kib } = bench.host;
  const text =
    plan.policy === null
      ? stringify({ collect_interval: '1s', host_root: root })
      : daemonConfig(resolve(plan.policy), { root, kib }, { policy_interval: '2s', record: { path: recording } });
  await writeFile(config, text);
  const daemon = start(
    bench.command,
    plan.policy === null ? ['record', recording, '--config', config] : ['run', '--config', config],
  );
  await daemon.waitForLine(/Connected to qemu:\/\/\/system/);
  return daemon;
}
