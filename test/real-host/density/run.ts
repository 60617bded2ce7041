import { setTimeout as sleep } from 'node:timers/promises';
import { guestSwapFile } from '../bed/small-host.ts';
import { destroyAllGuests, Guest } from '../support/guest.ts';
import { GuestSilent } from '../support/control-line.ts';
import { ksm } from '../support/ksm.ts';
import { countMoves, Daemon, type DaemonSetup } from './daemon.ts';
import { realClock, settleIn, work, type GuestWork } from './demand.ts';
import { NO_POLICY } from './options.ts';
import { countersSince, parseCounters, type Counters } from './pain.ts';
import type { GuestPlan } from './plan.ts';
import { Sizes } from './sizes.ts';
import type { HostWork, SmallHost } from './small-host.ts';

/** One run: fresh guests, one size of the host, one policy. */
export interface RunRequest {
  readonly plans: readonly GuestPlan[];
  readonly guestMib: number;
  /** null: roomy. */
  readonly hostKib: number | null;
  /** A policy file, or {@link NO_POLICY}. */
  readonly policy: string;
}

export interface RunResult {
  readonly works: readonly GuestWork[];
  /** Of each guest; null for one that does not answer any more. */
  readonly counters: readonly (Counters | null)[];
  readonly host: HostWork;
  readonly moves: number;
  readonly meanGuestMib: number;
  /** Of the daemon. */
  readonly log: readonly string[];
}

/** What stays the same from run to run. */
export interface Bench {
  readonly host: SmallHost;
  readonly daemon: DaemonSetup;
  /** The disks of the guests. */
  readonly disks: string;
}

/** Guests without a large cache of translated code: they are to be guests of a host, not its main load. */
export const TRANSLATION_CACHE_MIB = 32;

/** So long guests are quiet before the plan begins: a policy that has been at work for long has shared out the memory by then. */
export const LEAD_S = 10;

/** Enough for a reply in time by a guest that swaps. */
const ANSWER_MS = 60_000;

export async function run(bench: Bench, request: RunRequest): Promise<RunResult> {
  await bench.host.setKib(request.hostKib);
  const ksmBefore = await ksm.settings();
  let daemon: Daemon | null = null;
  try {
    const guests = await Guest.startAll(
      request.plans.map((_, index) => ({
        name: `guest-${index + 1}`,
        memoryMib: request.guestMib,
        statsPeriodS: 1,
        swapFile: guestSwapFile(bench.disks, index),
        translationCacheMib: TRANSLATION_CACHE_MIB,
      })),
    );
    const planned = guests.map((guest, index) => ({ guest, plan: request.plans[index] as GuestPlan }));
    await Promise.all(planned.map(({ guest, plan }) => settleIn(guest, plan)));
    if (request.policy !== NO_POLICY) daemon = await Daemon.start(bench.daemon, request.policy, bench.host);
    await sleep(LEAD_S * 1000);
    // From here on guests may lack memory, and one that fails is part of the result.
    const before = await Promise.all(guests.map(readCounters));
    await bench.host.begin();
    const sizes = new Sizes();
    const works = await Promise.all(planned.map(({ guest, plan }) => work(guest, plan, realClock)));
    const meanGuestMib = await sizes.end();
    const host = await bench.host.end();
    const log = (await daemon?.stop()) ?? [];
    daemon = null;
    const after = await Promise.all(guests.map(readCounters));
    const counters = after.map((now, index) => {
      const then = before[index] ?? null;
      return now === null || then === null ? null : countersSince(then, now);
    });
    return { works, counters, host, moves: countMoves(log), meanGuestMib, log };
  } finally {
    daemon?.kill();
    await destroyAllGuests();
    // A configuration of the daemon may use it, and the next run begins as this one did.
    await ksm.restore(ksmBefore);
  }
}

async function readCounters(guest: Guest): Promise<Counters | null> {
  try {
    return parseCounters(await guest.command('counters', ANSWER_MS));
  } catch (error) {
    if (error instanceof GuestSilent) return null;
    throw error;
  }
}
