import { ARC, GUEST, HOST, PAGE_KIB } from '../constants.ts';
import type { Guest } from '../guest/guest.ts';
import type { HostSpec } from '../scenario/model.ts';

/** What the host's kernel counts since the start; pages unless the name says otherwise. */
export class HostCounters {
  swapIn = 0;
  swapOut = 0;
  scannedInBackground = 0;
  scannedDirectly = 0;
  allocStalls = 0;
  oomKills = 0;
  copiedOnWrite = 0;
}

/** The books of the host, in pages: what is free is what nobody has. */
export class HostMemory {
  readonly pages: number;
  readonly reserve: number;
  readonly swapPages: number;
  readonly counters = new HostCounters();
  readonly #guests: readonly Guest[];
  readonly #swapPerS: number;
  readonly #filePages: number;
  readonly #arcLeast: number;
  readonly #arcMost: number;
  other = 0;
  cache = 0;
  arc: number;
  /** What KSM saves. */
  saved = 0;
  /** How much more may be written to swap in this second. */
  #swapLeft = 0;
  /** What was written to it in this second for allocations that waited for that, pages. */
  #swappedDirectly = 0;
  /** How long memory has been short, seconds. */
  #shortS = 0;

  constructor(spec: HostSpec, guests: readonly Guest[]) {
    const pages = (kib: number): number => Math.floor(kib / PAGE_KIB);
    this.pages = pages(spec.memoryKib);
    this.reserve = pages(spec.reserveKib);
    this.swapPages = pages(spec.swapKib);
    this.#guests = guests;
    this.#swapPerS = pages(spec.swapSpeedKib);
    this.#filePages = pages(spec.filesKib);
    this.#arcLeast = pages(spec.arc.minKib);
    this.#arcMost = pages(spec.arc.maxKib);
    this.arc = this.#arcLeast;
  }

  /** Resident memory of all guests, with what QEMU needs: its program is there once. */
  get guestResident(): number {
    let [sum, programs, program] = [0, 0, 0];
    for (const { memory, overhead } of this.#guests) {
      sum += memory.resident + overhead;
      const own = Math.min(overhead, GUEST.qemuShared);
      programs += own;
      program = Math.max(program, own);
    }
    return sum - programs + program;
  }

  get free(): number {
    const { reserve, other, cache, arc, guestResident, torn, saved } = this;
    return this.pages - reserve - other - cache - arc - guestResident - torn + saved;
  }

  /** What a page costs that is read from its swap, seconds. */
  get swapPageS(): number {
    return 1 / Math.max(1, this.#swapPerS);
  }

  /** How long allocations of this second waited until pages were written to swap, seconds. */
  get swapWaitS(): number {
    return this.#swappedDirectly * this.swapPageS;
  }

  /** What balloons took, and the host could have by splitting huge pages. */
  get torn(): number {
    let sum = 0;
    for (const { memory } of this.#guests) sum += memory.torn;
    return sum;
  }

  get swapped(): number {
    let sum = 0;
    for (const { memory } of this.#guests) sum += memory.hostSwapped;
    return sum;
  }

  get arcLimits(): { readonly least: number; readonly most: number } {
    return { least: this.#arcLeast, most: this.#arcMost };
  }

  /** The kernel's estimate of what programs can have without swapping. */
  get available(): number {
    return Math.max(0, this.free - this.#share(HOST.low) + Math.max(0, this.cache - this.#share(HOST.cacheLeast)));
  }

  /** Makes room for what is wanted, in the way of allocations that wait. @returns the share that there is, 0 to 1 */
  provide(wanted: number): number {
    this.#swapLeft = Math.min(this.#swapPerS, this.swapPages);
    this.#swappedDirectly = 0;
    if (wanted === 0) return 1;
    const lacking = wanted - Math.max(0, this.free - this.#share(HOST.least));
    if (lacking <= 0) return 1;
    const { swapOut } = this.counters;
    const reclaimed = this.#reclaim(lacking);
    this.#swappedDirectly = this.counters.swapOut - swapOut;
    this.counters.scannedDirectly += reclaimed;
    this.counters.allocStalls += Math.ceil(lacking / GUEST.cluster);
    return Math.max(0, Math.min(1, (wanted - lacking + reclaimed) / wanted));
  }

  /** What kswapd and the caches do in a second. */
  settle(): void {
    const free = this.free;
    const [low, high] = [this.#share(HOST.low), this.#share(HOST.high)];
    this.#shortS = free < high ? this.#shortS + 1 : 0;
    if (free < low) this.counters.scannedInBackground += this.#reclaim(high - free);
    else {
      this.cache += Math.max(0, Math.min(this.#filePages - this.cache, HOST.cachePerS, free - high));
      this.arc += Math.max(0, Math.min(this.#arcMost - this.arc, ARC.growPerS, this.free - high));
    }
  }

  /** @returns how many pages it got */
  #reclaim(wanted: number): number {
    const mended = this.#mend(wanted);
    const pages = wanted - mended;
    const cache = Math.min(pages, Math.max(0, this.cache - this.#share(HOST.cacheLeast)));
    this.cache -= cache;
    const yields = this.#shortS >= ARC.lateS ? ARC.yieldPerS : 0;
    const arc = Math.min(pages - cache, this.arc - this.#arcLeast, yields);
    this.arc -= arc;
    return mended + cache + arc + this.#swapOut(pages - cache - arc);
  }

  #mend(wanted: number): number {
    const { torn } = this;
    if (torn === 0) return 0;
    const share = Math.min(1, wanted / torn);
    let sum = 0;
    for (const { memory } of this.#guests) {
      const pages = Math.floor(memory.torn * share);
      memory.mend(pages);
      sum += pages;
    }
    return sum;
  }

  /** Idle pages of all guests first, in proportion; then any. */
  #swapOut(pages: number): number {
    const most = Math.min(pages, this.#swapLeft, this.swapPages - this.swapped);
    if (most <= 0) return 0;
    const idle = this.#spread(most, ({ memory, workload }) =>
      Math.min(swappable(memory), Math.max(0, workload.idlePages() - memory.hostSwapped)),
    );
    const all = idle + (idle < most ? this.#spread(most - idle, ({ memory }) => swappable(memory)) : 0);
    this.#swapLeft -= all;
    this.counters.swapOut += all;
    return all;
  }

  #spread(pages: number, weigh: (guest: Guest) => number): number {
    const weights = this.#guests.map(weigh);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return 0;
    const share = Math.min(1, pages / total);
    let sum = 0;
    for (const [at, { memory }] of this.#guests.entries()) {
      const own = Math.floor(weights[at]! * share);
      memory.hostSwapped += own;
      sum += own;
    }
    return sum;
  }

  #share(ratio: number): number {
    return Math.floor(this.pages * ratio);
  }

  /** What cannot be true of these books, in words; null: nothing. */
  problem(): string | null {
    const states = { other: this.other, cache: this.cache, arc: this.arc, saved: this.saved, free: this.free };
    for (const [name, value] of Object.entries(states))
      if (!Number.isSafeInteger(value) || value < 0) return `${name} is ${value}`;
    return this.swapped > this.swapPages ? 'more is swapped than the swap has' : null;
  }
}

function swappable({ backed, merged, hostSwapped }: Guest['memory']): number {
  return Math.max(0, backed - merged - hostSwapped);
}
