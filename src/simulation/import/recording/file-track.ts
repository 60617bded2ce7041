import { GUEST, PAGE_KIB } from '../../constants.ts';

interface FileSample {
  readonly cacheKib: number;
  readonly freeKib: number;
  /** Major faults since it booted; null: not recorded. */
  readonly faults: number | null;
}

/** The files of a guest as its page cache shows them. */
export interface SeenFiles {
  readonly firstKib: number;
  readonly mostKib: number;
  /** The page cache with which it still read much again; null: it never did. */
  readonly hotKib: number | null;
  /** The fastest growth, and the page cache that there was before it; null: it never grew. */
  readonly growth: { readonly kibPerS: number; readonly fromKib: number } | null;
}

/** Growth is measured over so much time at least, seconds. */
const WINDOW_S = 10;

/** Reading less than this again is nothing, KiB per second. */
const REFAULTS_LEAST = 256;

/** Follows the page cache of a guest. */
export class FileTrack {
  readonly #memoryKib: number;
  #firstKib: number | null = null;
  #mostKib = 0;
  #hotKib: number | null = null;
  #growth: SeenFiles['growth'] = null;
  #window: { readonly atS: number; readonly cacheKib: number } | null = null;
  #before: (FileSample & { readonly atS: number; readonly swapInKib: number }) | null = null;

  constructor(memoryKib: number) {
    this.#memoryKib = memoryKib;
  }

  get seen(): SeenFiles | null {
    if (this.#firstKib === null) return null;
    return { firstKib: this.#firstKib, mostKib: this.#mostKib, hotKib: this.#hotKib, growth: this.#growth };
  }

  /** The guest boots: its page cache is empty. */
  reset(): void {
    this.#window = this.#before = null;
  }

  add(atS: number, sample: FileSample, swapInKib: number | null): void {
    const { cacheKib } = sample;
    this.#firstKib ??= cacheKib;
    this.#grow(atS, cacheKib);
    this.#refault(atS, sample, swapInKib ?? 0);
    this.#mostKib = Math.max(this.#mostKib, cacheKib);
    this.#before = { ...sample, atS, swapInKib: swapInKib ?? 0 };
  }

  #grow(atS: number, cacheKib: number): void {
    this.#window ??= { atS, cacheKib };
    const elapsedS = atS - this.#window.atS;
    if (elapsedS < WINDOW_S) return;
    const { cacheKib: fromKib } = this.#window;
    const kibPerS = Math.round((cacheKib - fromKib) / elapsedS);
    if (kibPerS > (this.#growth?.kibPerS ?? 0)) this.#growth = { kibPerS, fromKib };
    this.#window = { atS, cacheKib };
  }

  /** Major faults beyond those of swap, while the page cache is smaller than it was: files that were dropped and needed. */
  #refault(atS: number, { cacheKib, faults }: FileSample, swapInKib: number): void {
    const before = this.#before;
    if (before === null || faults === null || before.faults === null || atS <= before.atS) return;
    if (cacheKib > this.#mostKib - 0.02 * this.#memoryKib) return;
    const bySwap = Math.max(0, swapInKib - before.swapInKib) / PAGE_KIB / GUEST.readAhead;
    const again = Math.max(0, faults - before.faults - bySwap) * GUEST.readAhead * PAGE_KIB;
    if (again / (atS - before.atS) < REFAULTS_LEAST) return;
    this.#hotKib = Math.max(this.#hotKib ?? 0, cacheKib);
  }
}
