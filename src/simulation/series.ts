import { PAGE_KIB } from './constants.ts';
import type { World } from './world.ts';

/** A host over time, in equal steps; the last may be shorter. Sizes are means of a step, KiB. */
export interface HostSeries {
  readonly stepS: number;
  /** Memory of the host that guests take, QEMU's own included: pages that KSM has merged count once. */
  readonly guestsKib: readonly number[];
  /** The kernel and other programs. */
  readonly otherKib: readonly number[];
  /** The page cache, and the ARC. */
  readonly cacheKib: readonly number[];
  readonly freeKib: readonly number[];
  /** Saved by KSM. */
  readonly savedKib: readonly number[];
  /** Guests' memory on the host's swap. */
  readonly swapKib: readonly number[];
  /** How long all guests ran and waited for memory in a step, seconds, and what the OOM killers of guests and host ended. */
  readonly ranS: readonly number[];
  readonly stallS: readonly number[];
  readonly kills: readonly number[];
}

/** One guest over time, in the steps of the host. */
export interface GuestSeries {
  readonly name: string;
  /** What its programs wanted, the mean of the seconds in which it ran, KiB; null: it did not run. */
  readonly demandKib: readonly (number | null)[];
  readonly stallS: readonly number[];
}

/** Steps of a simulation, however long it is: results are kept and sent between threads. */
const MOST_STEPS = 288;

/** What the guests have together in one second. */
export interface AllGuests {
  running: number;
  /** Pages. */
  resident: number;
  swapped: number;
  /** Seconds. */
  stallS: number;
  kills: number;
}

const HOST = ['guests', 'other', 'cache', 'free', 'saved', 'swap', 'ranS', 'stallS', 'kills'] as const;

/** Adds up the seconds of each step. */
export class SeriesSums {
  readonly stepS: number;
  readonly #steps: number;
  readonly #host: Readonly<Record<(typeof HOST)[number], Float64Array>>;
  readonly #guests: readonly {
    readonly ranS: Float64Array;
    readonly demand: Float64Array;
    readonly stallS: Float64Array;
  }[];
  #hostKills = 0;
  #seconds = 0;

  /** @param guests of which there are series too */
  constructor(durationS: number, guests: number) {
    this.stepS = Math.max(1, Math.ceil(durationS / MOST_STEPS));
    this.#steps = Math.max(1, Math.ceil(durationS / this.stepS));
    const sums = () => new Float64Array(this.#steps);
    this.#host = Object.fromEntries(HOST.map((name) => [name, sums()])) as Record<(typeof HOST)[number], Float64Array>;
    this.#guests = Array.from({ length: guests }, () => ({ ranS: sums(), demand: sums(), stallS: sums() }));
  }

  /** After each second. */
  add({ guests, host }: World, all: AllGuests): void {
    const at = Math.min(this.#steps - 1, Math.floor(this.#seconds / this.stepS));
    this.#seconds += 1;
    const sums = this.#host;
    const taken = all.resident - host.saved;
    const [other, cache] = [host.other + host.reserve, host.cache + host.arc];
    sums.guests[at]! += taken;
    sums.other[at]! += other;
    sums.cache[at]! += cache;
    sums.free[at]! += host.pages - taken - other - cache;
    sums.saved[at]! += host.saved;
    sums.swap[at]! += all.swapped;
    sums.ranS[at]! += all.running;
    sums.stallS[at]! += all.stallS;
    sums.kills[at]! += all.kills + host.counters.oomKills - this.#hostKills;
    this.#hostKills = host.counters.oomKills;
    for (let index = 0; index < this.#guests.length; index++) {
      const { life, demandPages, workload } = guests[index]!;
      if (!life.isRunning) continue;
      const own = this.#guests[index]!;
      own.ranS[at]! += 1;
      own.demand[at]! += demandPages;
      own.stallS[at]! += workload.stallS;
    }
  }

  host(): HostSeries {
    const steps = Math.ceil(this.#seconds / this.stepS);
    const means = (sums: Float64Array): number[] =>
      [...sums.subarray(0, steps)].map((sum, at) => Math.round((sum / this.#secondsOf(at)) * PAGE_KIB));
    const { guests, other, cache, free, saved, swap, ranS, stallS, kills } = this.#host;
    return {
      ...{ stepS: this.stepS, guestsKib: means(guests), otherKib: means(other), cacheKib: means(cache) },
      ...{ freeKib: means(free), savedKib: means(saved), swapKib: means(swap) },
      ...{ ranS: [...ranS.subarray(0, steps)], kills: [...kills.subarray(0, steps)] },
      stallS: rounded(stallS.subarray(0, steps)),
    };
  }

  guests(world: World): readonly GuestSeries[] {
    const steps = Math.ceil(this.#seconds / this.stepS);
    return this.#guests.map(({ ranS, demand, stallS }, index) => ({
      name: world.guests[index]!.spec.name,
      demandKib: [...demand.subarray(0, steps)].map((sum, at) =>
        ranS[at] === 0 ? null : Math.round((sum / ranS[at]!) * PAGE_KIB),
      ),
      stallS: rounded(stallS.subarray(0, steps)),
    }));
  }

  #secondsOf(step: number): number {
    return Math.min(this.stepS, this.#seconds - step * this.stepS);
  }
}

/** To a millisecond: more digits only make results larger. */
function rounded(seconds: Float64Array): number[] {
  return [...seconds].map((value) => Math.round(value * 1000) / 1000);
}
