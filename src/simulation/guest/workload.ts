import { GUEST, HOST } from '../constants.ts';
import type { GuestSpec } from '../scenario/model.ts';
import { filePagesOf, missingOf, type FilePages } from './files.ts';
import type { GuestMemory } from './memory.ts';

/** What a guest counts since it booted; pages unless the name says otherwise. */
export class GuestCounters {
  swapIn = 0;
  swapOut = 0;
  majorFaults = 0;
  minorFaults = 0;
  oomKills = 0;
  allocStalls = 0;
  scanned = 0;
}

/** What the host provides of what a guest wanted in a second. */
export interface Provided {
  /** 0 to 1. */
  readonly share: number;
  /** What a page costs that it reads from the host's swap, and how long it waited until others were written there, seconds. */
  readonly swapPageS: number;
  readonly waitS: number;
}

/**
 * What the programs of a guest do to its memory in one second, in two halves: first what they want of the host, then, when all guests have
 * said that and the host has shared out what it has, what they do with what they got.
 */
export class Workload {
  readonly #spec: GuestSpec;
  readonly #memory: GuestMemory;
  readonly #filePages: FilePages;
  counters = new GuestCounters();
  /** Of the last second: how long its tasks waited, because of the guest itself and because of the host, seconds. */
  stallS = 0;
  hostStallS = 0;
  refaults = 0;
  hostSwapIns = 0;
  unmerged = 0;
  /** How much of the hot files was read since the boot, whether there was room to keep it or not: what is missing of that is a refault. */
  #hotSeen = 0;
  /** Page faults of its process on the host since it started. */
  hostMinorFaults = 0;
  hostMajorFaults = 0;
  #grow = 0;
  #kernelGrow = 0;
  #cacheGrow = 0;
  #swapReads = 0;
  #wantedSwapIns = 0;
  #wantedUnmerges = 0;
  #wantedTouches = 0;
  #unmergeRest = 0;
  #starvedS = 0;
  /** What a guest that is running already had before, pages: it wants that at once. */
  #before = { cache: 0, touched: 0 };

  constructor(spec: GuestSpec, memory: GuestMemory) {
    this.#spec = spec;
    this.#memory = memory;
    this.#filePages = filePagesOf(spec);
  }

  /** The guest is running already. @param cache page cache that it has @param touched free memory that it has touched */
  begin(cache: number, touched: number): void {
    this.#before = { cache: Math.min(cache, this.#filePages.all), touched };
  }

  /** What is left after a boot. */
  reset(): void {
    this.counters = new GuestCounters();
    this.#hotSeen = 0;
    this.#starvedS = 0;
  }

  /**
   * @param kernel what its kernel should have by now @param demand what its programs want
   * @param readsFiles whether they run @param unmerges how many pages KSM unmerges
   * @returns how many pages the host would have to provide
   */
  want(kernel: number, demand: number, readsFiles: boolean, unmerges: number): number {
    const memory = this.#memory;
    const had = memory.anonymous + memory.swapped;
    if (demand < had) this.#release(had - demand, had);
    this.#kernelGrow = Math.max(0, Math.min(kernel - memory.kernel, memory.free));
    this.#grow = Math.max(0, demand - had);
    const before = this.#before;
    this.#cacheGrow = readsFiles ? Math.max(missingOf(this.#filePages, memory.cache), before.cache) : 0;
    this.#swapReads = this.#neededOfSwap();
    const roomy = Math.max(0, memory.free - memory.low);
    const taken = this.#kernelGrow + Math.min(this.#grow + this.#cacheGrow + this.#swapReads, roomy);
    this.#wantedTouches = Math.min(memory.untouched, memory.untouchedOf(taken) + before.touched);
    this.#before = { cache: 0, touched: 0 };
    this.#wantedSwapIns = this.#touchedOnHostSwap();
    this.#wantedUnmerges = Math.min(memory.merged, unmerges + this.#writtenToMerged());
    return this.#wantedTouches + this.#wantedSwapIns + this.#wantedUnmerges;
  }

  get({ share, swapPageS, waitS }: Provided): void {
    const memory = this.#memory;
    const touched = part(this.#wantedTouches, share);
    this.hostSwapIns = part(this.#wantedSwapIns, share);
    this.unmerged = part(this.#wantedUnmerges, share);
    memory.touch(touched);
    memory.hostSwapped -= this.hostSwapIns;
    memory.merged -= this.unmerged;
    this.hostMinorFaults += touched + this.unmerged;
    this.hostMajorFaults += this.hostSwapIns;
    const missing = this.#wantedTouches - touched;
    this.stallS = 0;
    this.refaults = 0;
    this.hostStallS = this.#wantedSwapIns * swapPageS + waitS + (this.#wantedTouches > 0 ? 1 - share : 0);
    this.#allocate(missing);
    this.#readFiles();
    this.#swapIn();
    this.hostStallS = Math.min(1, this.hostStallS);
    this.stallS = Math.min(1, this.stallS + this.hostStallS);
  }

  /** Whether its OOM killer has to act, because nothing was left for some seconds. */
  get isStarved(): boolean {
    return this.#starvedS >= GUEST.oomPatienceS;
  }

  killPrograms(): void {
    const memory = this.#memory;
    const killed = memory.anonymous - Math.floor(memory.anonymous * GUEST.oomLeaves);
    memory.anonymous -= killed;
    memory.freeTouched += killed;
    memory.swapped = Math.floor(memory.swapped * GUEST.oomLeaves);
    this.counters.oomKills += 1;
    this.#starvedS = 0;
  }

  #release(pages: number, had: number): void {
    const memory = this.#memory;
    const swapped = Math.min(memory.swapped, Math.floor((pages * memory.swapped) / had));
    const freed = Math.min(memory.anonymous, pages - swapped);
    memory.swapped -= swapped;
    memory.anonymous -= freed;
    memory.freeTouched += freed;
  }

  #allocate(missing: number): void {
    const memory = this.#memory;
    const kernel = Math.min(this.#kernelGrow, memory.freeTouched);
    memory.kernel += kernel;
    memory.freeTouched -= kernel;
    const grow = Math.max(0, this.#grow - missing);
    const free = Math.min(grow, memory.freeTouched, Math.max(0, memory.free - memory.low));
    memory.freeTouched -= free;
    memory.anonymous += free;
    this.counters.minorFaults += kernel + free;
    if (grow > free) this.#reclaim(grow - free);
    else this.#starvedS = 0;
  }

  /** The pages must come from the page cache, or from other programs. */
  #reclaim(pages: number): void {
    const { counters } = this;
    const memory = this.#memory;
    const cacheLeast = Math.floor(GUEST.cacheLeastShare * memory.size);
    const dropped = Math.min(pages, Math.max(0, memory.cache - cacheLeast), GUEST.reclaimPerS);
    memory.cache -= dropped;
    memory.anonymous += dropped;
    const swapped = Math.min(
      ...[pages - dropped, memory.swapPages - memory.swapped, GUEST.swapOutPerS, memory.anonymous],
    );
    memory.swapped += swapped;
    const unmet = pages - dropped - swapped;
    counters.swapOut += swapped;
    counters.scanned += dropped + swapped;
    counters.minorFaults += dropped + swapped;
    counters.allocStalls += Math.ceil((Math.max(0, dropped - GUEST.kswapdPerS) + swapped) / GUEST.cluster);
    this.stallS += swapped * GUEST.swapOutS + unmet / pages;
    if (unmet > 0) counters.allocStalls += GUEST.cluster;
    this.#starvedS = unmet > 0 && dropped + swapped === 0 ? this.#starvedS + 1 : 0;
  }

  #readFiles(): void {
    const memory = this.#memory;
    const { hot, reads } = this.#filePages;
    const read = Math.min(memory.cache + this.#cacheGrow, hot);
    if (this.#cacheGrow > 0) {
      const lacking = Math.max(0, this.#hotSeen - memory.cache);
      if (lacking > 0 && hot > 0) {
        this.refaults = Math.ceil((GUEST.hotReads * reads * Math.min(lacking, hot)) / hot);
        this.counters.majorFaults += Math.ceil(this.refaults / GUEST.readAhead);
        this.stallS += this.refaults * GUEST.refaultS;
      }
      const grown = Math.min(this.#cacheGrow, memory.freeTouched, Math.max(0, memory.free - memory.low));
      memory.freeTouched -= grown;
      memory.cache += grown;
    }
    this.#hotSeen = Math.max(this.#hotSeen, read);
  }

  /** What programs need of what was swapped out: idle pages were, before others. */
  #neededOfSwap(): number {
    const { swapped, anonymous } = this.#memory;
    if (swapped === 0) return 0;
    const idle = Math.floor(this.#spec.idle * (anonymous + swapped));
    return Math.min(Math.floor(Math.max(0, swapped - idle) * GUEST.touchedPerS), GUEST.swapOutPerS);
  }

  /** Without room, another page must go for each that is read. */
  #swapIn(): void {
    const { counters } = this;
    const memory = this.#memory;
    const read = Math.min(this.#swapReads, memory.swapped);
    if (read === 0) return;
    const roomy = Math.min(memory.freeTouched, Math.max(0, memory.free - memory.low));
    const back = Math.min(read, roomy);
    memory.swapped -= back;
    memory.anonymous += back;
    memory.freeTouched -= back;
    counters.swapIn += read;
    counters.swapOut += read - back;
    counters.majorFaults += Math.ceil(read / GUEST.readAhead);
    this.refaults += read;
    this.stallS += read * GUEST.swapInS + (read - back) * GUEST.swapOutS;
  }

  #touchedOnHostSwap(): number {
    const memory = this.#memory;
    if (memory.hostSwapped === 0) return 0;
    const idle = this.idlePages();
    const inUse = Math.max(0, memory.hostSwapped - idle) * HOST.touchedPerS;
    const others = Math.min(memory.hostSwapped, idle) * HOST.idleTouchedPerS;
    return Math.min(memory.hostSwapped, Math.floor(inUse + others));
  }

  /** Backed pages that nobody touches for minutes. */
  idlePages(): number {
    const { kernel, anonymous, cache, freeTouched, held } = this.#memory;
    const idle = Math.floor(this.#spec.idle * anonymous) + Math.floor(GUEST.idleKernel * kernel);
    return idle + Math.max(0, cache - this.#filePages.hot) + freeTouched + held;
  }

  /** Programs write to merged pages; free ones among them are written to when they are used again, which is taken to be now. */
  #writtenToMerged(): number {
    const { merged, used } = this.#memory;
    if (merged === 0) return 0;
    const exact = (Math.min(merged, used) * this.#spec.sharing.writes) / 60 + this.#unmergeRest;
    this.#unmergeRest = exact % 1;
    return Math.min(merged, Math.floor(exact) + Math.max(0, merged - used));
  }
}

function part(pages: number, share: number): number {
  return share >= 1 ? pages : Math.floor(pages * share);
}
