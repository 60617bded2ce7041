import { TICKS_PER_SECOND } from '../../host/process-stat.ts';
import type { Host } from '../../ports/host.ts';
import { HypervisorError, type GuestReading, type Hypervisor } from '../../ports/hypervisor.ts';
import { forEachConcurrent } from '../../support/concurrent.ts';
import { unknown, known, type Fact, type GuestFacts } from '../facts.ts';
import { fact } from './fact.ts';
import { MemoryGroups } from './memory-groups.ts';

/** How long reading all guests may take, milliseconds. */
const GUESTS_MS = 20_000;

/** Readings until the definitions of all guests are there: each reads only a part of them. */
const MAX_READINGS = 10;

const READERS = 16;

export interface GuestSources {
  readonly host: Host;
  /** Must not change anything: without statistics period and state directory. It is started and closed here. */
  readonly hypervisor: Hypervisor;
  readonly libraryVersion: (signal: AbortSignal) => Promise<number>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Asks libvirt, and the kernel about the QEMU processes. */
export async function guestFacts(
  { host, hypervisor, libraryVersion, now }: GuestSources,
  stop: AbortSignal,
): Promise<{ readonly guests: Fact<readonly GuestFacts[]>; readonly libvirtVersion: Fact<number> }> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(GUESTS_MS)]);
  let reason = 'no connection to libvirt';
  hypervisor.onEvent((event) => {
    if (event.kind === 'disconnected') reason = event.reason;
  });
  try {
    const start = await fact(hypervisor.start());
    if (!start.isKnown || !start.value) {
      const why = unknown(start.isKnown ? reason : start.why);
      return { guests: why, libvirtVersion: why };
    }
    const libvirtVersion = await fact(libraryVersion(signal));
    const read = await fact(readAll(hypervisor, signal), GUESTS_MS);
    if (!read.isKnown) return { guests: read, libvirtVersion };
    const upHostS = Number.parseFloat((await host.readText('/proc/uptime').catch(() => null)) ?? '');
    const groups = new MemoryGroups(host);
    const guests: GuestFacts[] = [];
    await forEachConcurrent(read.value, { limit: READERS }, async (guest) => {
      guests.push(await oneGuest(guest, { host, groups, upHostS, nowMs: now() }));
    });
    guests.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { guests: known(guests), libvirtVersion };
  } finally {
    await hypervisor.close();
  }
}

/** Reads until no definition is missing, or nothing more comes. */
async function readAll(hypervisor: Hypervisor, signal: AbortSignal): Promise<readonly GuestReading[]> {
  let missing = Infinity;
  for (let readings = 1; ; readings++) {
    const { guests, problems } = await hypervisor.readGuests(signal);
    const failed = problems.find(({ guest }) => guest === null);
    if (failed !== undefined) throw new HypervisorError('refused', failed.message);
    const stillMissing = guests.filter(({ domain }) => domain === null).length;
    if (stillMissing === 0 || stillMissing >= missing || readings === MAX_READINGS) return guests;
    missing = stillMissing;
  }
}

interface Around {
  readonly host: Host;
  readonly groups: MemoryGroups;
  /** NaN: unknown. */
  readonly upHostS: number;
  readonly nowMs: number;
}

async function oneGuest(guest: GuestReading, { host, groups, upHostS, nowMs }: Around): Promise<GuestFacts> {
  const { name, uuid, state, pid, startTicks, balloon, domain, answer } = guest;
  const upS = startTicks === null ? NaN : upHostS - startTicks / TICKS_PER_SECOND;
  const reportS = balloon.lastUpdateS ?? 0;
  const noProcess = unknown('libvirt has no readable pid file for it');
  return {
    ...{ name, uuid, state, domain },
    responds: answer === 'fresh',
    upS: Number.isFinite(upS) ? Math.max(0, upS) : null,
    maximumKib: balloon.maximumKib ?? null,
    reportAgeS: reportS === 0 ? null : Math.max(0, nowMs / 1000 - reportS),
    lacking: [
      ...(balloon.availableKib === undefined ? ['available'] : []),
      ...(balloon.unusedKib === undefined ? ['unused'] : []),
    ],
    process: pid === null ? noProcess : await fact(readable(host, pid)),
    groups: pid === null ? noProcess : await fact(groups.of(pid)),
  };
}

/** The one file of a process that the kernel shows only to its user and to root. */
async function readable(host: Host, pid: number): Promise<true> {
  await host.readText(`/proc/${pid}/ksm_stat`);
  return true;
}
