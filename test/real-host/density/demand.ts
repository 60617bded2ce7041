import { setTimeout as sleep } from 'node:timers/promises';
import { GuestRefused, GuestSilent } from '../support/control-line.ts';
import type { GuestPlan } from './plan.ts';

/** What is needed of a guest here. */
export interface Commanded {
  /** Rejects with {@link GuestRefused} or {@link GuestSilent}. */
  command(line: string, limitMs: number): Promise<string[]>;
}

export interface Clock {
  now(): number;
  waitUntil(ms: number): Promise<void>;
}

/** How the guest got on with its plan. */
export interface GuestWork {
  /** Milliseconds of each step: to take the memory that the plan wants, and for the job. */
  readonly stepMs: readonly number[];
  /** Steps that failed because the guest was out of memory. They count with the time that they took. */
  readonly failed: number;
  /** False: it does not answer any more, and has not finished its plan. */
  readonly answers: boolean;
}

/** The part of the job that needs a CPU rather than memory. */
const LOOP_MIB = 64;

/** A step that takes longer than this will never end. */
const STEP_LIMIT_MS = 180_000;

export const realClock: Clock = {
  now: () => performance.now(),
  waitUntil: async (ms) => {
    const left = ms - performance.now();
    if (left > 0) await sleep(left);
  },
};

/** What stays untouched. Below its high watermark, which transparent huge pages raise, the guest's kernel would swap out the working set. */
export const SPARED_MIB = 128;

/**
 * Prepares swap and the working set, and then touches the memory that is left, once: guests that run for days have done so. Only a balloon
 * gives such memory back to the host.
 */
export async function settleIn(guest: Commanded, plan: GuestPlan): Promise<void> {
  await guest.command('swap', STEP_LIMIT_MS);
  await guest.command(`keep ${plan.workingSetMib}`, STEP_LIMIT_MS);
  const freeMib = Math.floor(freeKib(await guest.command('memory', STEP_LIMIT_MS)) / 1024);
  await guest.command(`heap ${Math.max(0, freeMib - SPARED_MIB)} pattern`, STEP_LIMIT_MS);
  await guest.command('heap 0 pattern', STEP_LIMIT_MS);
}

function freeKib(meminfo: readonly string[]): number {
  const kib = /^MemFree:\s+(\d+) kB$/m.exec(meminfo.join('\n'))?.[1];
  if (kib === undefined) throw new Error('/proc/meminfo of the guest has no MemFree.');
  return Number(kib);
}

/**
 * Executes the plan. A step that is late begins as soon as the one before it ends; none is left out, so that the work is the same
 * in all runs.
 */
export async function work(guest: Commanded, plan: GuestPlan, clock: Clock): Promise<GuestWork> {
  const startMs = clock.now();
  const stepMs: number[] = [];
  let failed = 0;
  let heldMib = 0;
  for (const step of plan.steps) {
    await clock.waitUntil(startMs + step.atS * 1000);
    const beganMs = clock.now();
    try {
      if (step.heapMib !== heldMib) {
        heldMib = Number.NaN;
        await guest.command(`fill ${step.heapMib} chunk`, STEP_LIMIT_MS);
        heldMib = step.heapMib;
      }
      await guest.command(`work ${LOOP_MIB}`, STEP_LIMIT_MS);
    } catch (error) {
      if (error instanceof GuestSilent) return { stepMs, failed, answers: false };
      if (!(error instanceof GuestRefused)) throw error;
      failed += 1;
    }
    stepMs.push(clock.now() - beganMs);
  }
  return { stepMs, failed, answers: true };
}
