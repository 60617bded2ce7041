import { BALLOON, GUEST, PAGE_KIB } from '../constants.ts';
import type { GuestSpec } from '../scenario/model.ts';
import type { GuestMemory } from './memory.ts';
import type { GuestCounters } from './workload.ts';

/** The balloon of a guest: it follows its target as fast as the guest can free pages, or as its scenario lets it. */
export class Balloon {
  readonly #spec: GuestSpec['balloon'];
  readonly #memory: GuestMemory;
  readonly #rate: number;
  readonly #least: number;
  /** Of the last second: how long the guest's kernel reclaimed memory for it, seconds. Its PSI counts that, but its programs go on. */
  stallS = 0;
  #target: number;
  /** When it begins to follow it, seconds. */
  #fromS = 0;

  constructor(spec: GuestSpec['balloon'], memory: GuestMemory) {
    this.#spec = spec;
    this.#memory = memory;
    this.#rate = spec.rateKib === 0 ? Infinity : Math.max(1, Math.floor(spec.rateKib / PAGE_KIB));
    this.#least = Math.floor(spec.limitKib / PAGE_KIB);
    this.#target = memory.pages;
  }

  /** It has been moved before the simulation. */
  begin(sizePages: number): void {
    this.#target = sizePages;
  }

  /** @param sizePages how much the guest should have */
  setTarget(sizePages: number, nowS: number): void {
    this.#target = Math.max(0, Math.min(sizePages, this.#memory.pages));
    this.#fromS = nowS + this.#spec.lateS;
  }

  /** One second. */
  move(nowS: number, counters: GuestCounters): void {
    const memory = this.#memory;
    const { moves } = this.#spec;
    this.stallS = 0;
    if (moves === 'none' || moves === 'stuck' || nowS < this.#fromS) return;
    const wanted = memory.size - Math.max(this.#target, Math.min(this.#least, memory.size));
    if (wanted > 0) this.#inflate(Math.min(wanted, this.#rate), counters);
    else if (wanted < 0) memory.deflate(Math.min(-wanted, memory.ballooned, BALLOON.deflate, this.#rate));
  }

  /** Free pages first, then the page cache, then what programs use: each is slower than the one before. */
  #inflate(wanted: number, counters: GuestCounters): void {
    const memory = this.#memory;
    const free = Math.min(wanted, Math.max(0, memory.free - memory.low), BALLOON.inflateFree);
    let leftS = 1 - free / BALLOON.inflateFree;
    const cacheLeast = Math.floor(GUEST.cacheLeastShare * memory.size);
    const droppable = Math.max(0, memory.cache - cacheLeast);
    const dropped = Math.min(wanted - free, droppable, Math.floor(BALLOON.inflateCache * leftS));
    leftS -= dropped / BALLOON.inflateCache;
    const swappable = Math.min(memory.swapPages - memory.swapped, memory.anonymous);
    const swapped = Math.min(wanted - free - dropped, swappable, Math.floor(BALLOON.inflateSwap * Math.max(0, leftS)));
    memory.cache -= dropped;
    memory.anonymous -= swapped;
    memory.swapped += swapped;
    memory.freeTouched += dropped + swapped;
    counters.swapOut += swapped;
    counters.scanned += dropped + swapped;
    const torn = Math.floor((dropped + swapped) * BALLOON.tornShare);
    memory.inflate(free + dropped + swapped, this.#spec.moves !== 'hollow', torn);
    this.stallS = (dropped / BALLOON.inflateCache + swapped / BALLOON.inflateSwap) * BALLOON.stalls;
  }
}
