/**
 * The demand of the guests: a plan that depends on nothing but its seed, so that each policy meets the same demand. A guest
 * alternates between quiet phases and busy ones. In a busy phase it takes memory, at once or by and by, and gives it back at the end.
 */

/** The guest's memory and the length of the plan. */
export interface PlanRequest {
  readonly seed: number;
  readonly guests: number;
  readonly guestMib: number;
  readonly seconds: number;
}

/** A moment of the plan: the guest holds this much, and then does its job once. */
export interface Step {
  readonly atS: number;
  /** Anonymous memory, in chunks of {@link CHUNK_MIB}. */
  readonly heapMib: number;
}

export interface GuestPlan {
  /** Kept in memory for the whole run, and read by each job. */
  readonly workingSetMib: number;
  readonly steps: readonly Step[];
}

/** The unit in which guest-init.sh holds memory. */
export const CHUNK_MIB = 8;

/** Seconds between two jobs. */
const QUIET_EVERY_S = 4;
const BUSY_EVERY_S = 2;

/** Guests are busy a third of the time: a host that carries more guests than fit into it can do so because few of them are busy at once. */
export const QUIET_PHASE_S = { least: 20, most: 50 } as const;
export const BUSY_PHASE_S = { least: 10, most: 25 } as const;
const BUSY_SHARE = 1 / 3;

/** Shares of the guest's memory. Together with the guest's kernel they fit into the guest: whoever lacks memory lacks it because of others. */
const WORKING_SET = { least: 0.25, most: 0.35 } as const;
const QUIET_HEAP = { least: 0, most: 0.05 } as const;
const BUSY_HEAP = { least: 0.2, most: 0.4 } as const;

/** Taken in each step of a phase that trickles. */
const TRICKLE = { least: 0.01, most: 0.06 } as const;

export function planDemand(request: PlanRequest): readonly GuestPlan[] {
  return Array.from({ length: request.guests }, (_, index) => planGuest(request, index));
}

function planGuest({ seed, guestMib, seconds }: PlanRequest, index: number): GuestPlan {
  // Each guest has numbers of its own: another guest changes nothing for those before it.
  const random = randomNumbers(seed, index);
  const between = ({ least, most }: { readonly least: number; readonly most: number }): number =>
    least + random() * (most - least);
  const chunks = (share: number): number => Math.round((share * guestMib) / CHUNK_MIB) * CHUNK_MIB;

  const workingSetMib = chunks(between(WORKING_SET));
  const steps: Step[] = [];
  let busy = random() < BUSY_SHARE;
  for (let startS = 0; startS < seconds; busy = !busy) {
    const endS = Math.min(seconds, startS + Math.round(between(busy ? BUSY_PHASE_S : QUIET_PHASE_S)));
    const goalMib = chunks(between(busy ? BUSY_HEAP : QUIET_HEAP));
    const trickles = random() < 0.5;
    const trickleMib = Math.max(CHUNK_MIB, chunks(between(TRICKLE)));
    const everyS = busy ? BUSY_EVERY_S : QUIET_EVERY_S;
    let heapMib = busy && trickles ? 0 : goalMib;
    for (let atS = startS; atS < endS; atS += everyS) {
      if (busy && trickles) heapMib = Math.min(goalMib, heapMib + trickleMib);
      steps.push({ atS, heapMib });
    }
    startS = endS;
  }
  return { workingSetMib, steps };
}

/** Numbers from 0 to 1 (Mulberry32), the same for the same seed on all machines. */
function randomNumbers(seed: number, stream: number): () => number {
  let state = (seed ^ Math.imul(stream + 1, 0x9e37_79b9)) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
