import { createCipheriv } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { start } from '../../support/process.ts';
import { guestSwapFile } from '../bed/small-host.ts';
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

/** Runs one experiment, and writes its recording and its notes. */
export async function runExperiment(bench: Bench, plan: ExperimentPlan): Promise<void> {
  await bench.host.setKib(plan.hostMib === null ? null : plan.hostMib * 1024);
  const ksmBefore = await ksm.settings();
  for (const index of plan.guests.keys()) await freshDisk(guestSwapFile(bench.disks, index), plan.guests[index]!);
  const recording = join(bench.folder, `${plan.name}.jsonl.gz`);
  const daemon = await startDaemon(bench, plan, recording);
  try {
    // So that the recording has some seconds of the empty host.
    await sleep(SETTLE_MS);
    const startMs = Math.ceil(Date.now() / 1000) * 1000;
    const events: Event[] = [];
    const run: Run = {
      startMs,
      endMs: startMs + plan.seconds * 1000,
      note: (event) => events.push({ ...event, ms: Date.now() - startMs } as Event),
    };
    await Promise.all([setKsm(plan, run), ...plan.guests.map((guest, index) => live(bench, guest, index, run))]);
    const notes: Notes = { plan, startMs, kernel: release(), cores: availableParallelism(), events };
    await writeFile(join(bench.folder, `${plan.name}.notes.json.gz`), gzipSync(JSON.stringify(notes)));
    const { code } = await daemon.stop('SIGTERM');
    if (code !== 0) throw new Error(['Ballast failed:', ...daemon.stderr.slice(-20)].join('\n'));
  } finally {
    daemon.kill('SIGKILL');
    await destroyAllGuests();
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
  await guest.waitBooted();
  run.note({ kind: 'booted', guest: plan.name });
  await Promise.all([runPrograms(guest, plan, run), moveBalloon(guest, plan, run)]);
}

async function moveBalloon(guest: Guest, plan: GuestPlan, run: Run): Promise<void> {
  for (const { atS, mib } of plan.targets) {
    await waitUntil(run, atS);
    if (Date.now() >= run.endMs) return;
    await guest.setMemory(mib * 1024);
    run.note({ kind: 'target', guest: plan.name, mib });
  }
}

async function setKsm(plan: ExperimentPlan, run: Run): Promise<void> {
  for (const { atS, run: mode, pagesToScan } of plan.ksm) {
    await waitUntil(run, atS);
    await ksm.write('pages_to_scan', pagesToScan);
    await ksm.write('run', mode);
    run.note({ kind: 'ksm', run: mode, pagesToScan });
  }
}

/** An empty disk for swap; else one with the same random content in all guests. */
async function freshDisk(path: string, { swapMib }: GuestPlan): Promise<void> {
  if (swapMib > 0) {
    await writeFile(path, '');
    const { truncate } = await import('node:fs/promises');
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
      : daemonConfig(resolve(plan.policy), { root, kib }, { record: { path: recording } });
  await writeFile(config, text);
  const daemon = start(
    bench.command,
    plan.policy === null ? ['record', recording, '--config', config] : ['run', '--config', config],
  );
  await daemon.waitForLine(/Connected to qemu:\/\/\/system/);
  return daemon;
}
