import type { Bound } from './bound/bound.ts';
import { PAGE_KIB } from './constants.ts';
import type { Guest } from './guest/guest.ts';
import { SeriesSums, type AllGuests, type GuestSeries, type HostSeries } from './series.ts';
import type { World } from './world.ts';

/** What a simulation cost the guests. */
export interface Pain {
  /** How long the tasks of all guests waited for memory, seconds. */
  readonly stallS: number;
  /** What was read again that had been dropped or swapped by the guests, KiB. */
  readonly refaultedKib: number;
  /** Programs that the OOM killers of the guests have killed, and guests that the one of the host has. */
  readonly guestOomKills: number;
  readonly hostOomKills: number;
  readonly hostSwapOutKib: number;
  readonly hostSwapInKib: number;
  /** Seconds that guests had less than their minimum. */
  readonly belowMinS: number;
  /** See {@link unfairness}; null: nobody waited. */
  readonly unfairness: number | null;
}

/** What it saved. */
export interface Gain {
  /** Memory that balloons gave back to the host, and what KSM saved less its metadata, GiB hours. */
  readonly balloonGibH: number;
  readonly ksmGibH: number;
  /** Running guests, on average, and what they were promised as a share of the memory of the host. */
  readonly guests: number;
  readonly promised: number;
  readonly balloonMoves: number;
  readonly ksmdCpuS: number;
  /**
   * What guests took of the host, on average and at most, KiB: resident and swapped memory, with QEMU's own, pages that KSM has merged
   * counted once.
   */
  readonly usedKib: number;
  readonly usedPeakKib: number;
}

/** One guest, over the whole simulation. */
export interface GuestMeasure {
  readonly name: string;
  /** How long it ran, seconds. */
  readonly ranS: number;
  readonly stallS: number;
  readonly oomKills: number;
  /** What it had, what its programs wanted and what the host gave it, on average while it ran, KiB. */
  readonly sizeKib: number;
  readonly demandKib: number;
  readonly residentKib: number;
}

export interface Measured {
  readonly pain: Pain;
  readonly gain: Gain;
  readonly guests: readonly GuestMeasure[];
  /** What was possible at best; null: it was not computed. */
  readonly bound: Bound | null;
  readonly series: HostSeries;
  /** By guest; empty unless wanted. */
  readonly guestSeries: readonly GuestSeries[];
}

const PAGES_PER_GIB = 1024 ** 2 / PAGE_KIB;
const S_PER_H = 3600;

class Sums {
  ranS = 0;
  stallS = 0;
  size = 0;
  demand = 0;
  resident = 0;
  belowMinS = 0;
  refaults = 0;
  oomKills = 0;
  /** Of the counter that a boot sets back. */
  oomKillsSeen = 0;
}

/** Adds up what happens in a world, second by second. */
export class Measure {
  readonly #world: World;
  readonly #sums: readonly Sums[];
  #seconds = 0;
  #running = 0;
  #promised = 0;
  #returned = 0;
  #merged = 0;
  #used = 0;
  #usedPeak = 0;
  readonly #series: SeriesSums;
  balloonMoves = 0;

  constructor(world: World, { guestSeries = false } = {}) {
    this.#world = world;
    this.#sums = world.guests.map(() => new Sums());
    this.#series = new SeriesSums(world.scenario.durationS, guestSeries ? world.guests.length : 0);
  }

  /** After each step of the world. */
  add(): void {
    const { guests, host, ksm, promised } = this.#world;
    this.#seconds += 1;
    // Not the sum of what each guest has: the program of QEMU is there once, and balloons tear huge pages whose rest the host cannot use.
    const resident = host.guestResident + host.torn;
    const all: AllGuests = { running: 0, resident, swapped: 0, stallS: 0, kills: 0 };
    for (let at = 0; at < guests.length; at++) {
      const guest = guests[at]!;
      if (!guest.life.isRunning) continue;
      all.running += 1;
      all.swapped += guest.memory.hostSwapped;
      all.stallS += guest.workload.stallS;
      this.#returned += guest.memory.returned;
      all.kills += addTo(this.#sums[at]!, guest);
    }
    const used = all.resident + all.swapped - host.saved;
    this.#used += used;
    if (used > this.#usedPeak) this.#usedPeak = used;
    this.#running += all.running;
    this.#series.add(this.#world, all);
    this.#promised += promised;
    this.#merged += ksm.profit / (PAGE_KIB * 1024);
  }

  result(): Measured {
    const { guests, host, ksm } = this.#world;
    const seconds = Math.max(1, this.#seconds);
    const total = (of: (sums: Sums) => number): number => this.#sums.reduce((sum, sums) => sum + of(sums), 0);
    return {
      pain: {
        stallS: total(({ stallS }) => stallS),
        refaultedKib: total(({ refaults }) => refaults) * PAGE_KIB,
        guestOomKills: total(({ oomKills }) => oomKills),
        hostOomKills: host.counters.oomKills,
        hostSwapOutKib: host.counters.swapOut * PAGE_KIB,
        hostSwapInKib: host.counters.swapIn * PAGE_KIB,
        belowMinS: total(({ belowMinS }) => belowMinS),
        unfairness: unfairness(this.#sums),
      },
      gain: {
        balloonGibH: this.#returned / PAGES_PER_GIB / S_PER_H,
        ksmGibH: this.#merged / PAGES_PER_GIB / S_PER_H,
        guests: this.#running / seconds,
        promised: this.#promised / seconds,
        balloonMoves: this.balloonMoves,
        ksmdCpuS: ksm.cpuS,
        usedKib: Math.round((this.#used / seconds) * PAGE_KIB),
        usedPeakKib: this.#usedPeak * PAGE_KIB,
      },
      guests: guests.map(({ spec }, at) => measureOf(spec.name, this.#sums[at]!)),
      bound: null,
      series: this.#series.host(),
      guestSeries: this.#series.guests(this.#world),
    };
  }
}

/** @returns programs that its OOM killer has killed in this second */
function addTo(sums: Sums, { memory, workload, demandPages, spec }: Guest): number {
  sums.ranS += 1;
  sums.stallS += workload.stallS;
  sums.size += memory.size;
  sums.demand += demandPages;
  sums.resident += memory.resident;
  sums.refaults += workload.refaults;
  if (spec.minKib !== null && memory.size * PAGE_KIB < spec.minKib) sums.belowMinS += 1;
  const { oomKills } = workload.counters;
  const kills = Math.max(0, oomKills - sums.oomKillsSeen);
  sums.oomKills += kills;
  sums.oomKillsSeen = oomKills;
  return kills;
}

function measureOf(name: string, sums: Sums): GuestMeasure {
  const { ranS, stallS, oomKills } = sums;
  const mean = (pages: number): number => (ranS === 0 ? 0 : Math.round((pages / ranS) * PAGE_KIB));
  const sizes = { sizeKib: mean(sums.size), demandKib: mean(sums.demand), residentKib: mean(sums.resident) };
  return { name, ranS, stallS, oomKills, ...sizes };
}

/**
 * The share of all waiting that met guests beyond their share of all demand:
 *
 *     1/2 * sum over guests of | stall / all stalls - demand / all demand |
 *
 * 0: guests waited as much as they wanted memory. 1: those that waited wanted none.
 */
function unfairness(all: readonly { readonly stallS: number; readonly demand: number }[]): number | null {
  const stalls = all.reduce((sum, { stallS }) => sum + stallS, 0);
  const demands = all.reduce((sum, { demand }) => sum + demand, 0);
  if (stalls === 0 || demands === 0) return null;
  return all.reduce((sum, { stallS, demand }) => sum + Math.abs(stallS / stalls - demand / demands), 0) / 2;
}
