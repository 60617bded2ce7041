import { BALLOON, GUEST, PAGE_KIB, REPORTING } from '../constants.ts';
import { Demand } from '../guest/demand.ts';
import { filePagesOf, missingOf, type FilePages } from '../guest/files.ts';
import { kernelPagesOf, whileBooting } from '../guest/kernel.ts';
import { Life } from '../guest/life.ts';
import type { Random } from '../random.ts';
import type { GuestSpec } from '../scenario/model.ts';

/** What a guest does in one second, whoever steers it. */
interface Moment {
  readonly state: 'off' | 'booting' | 'running';
  readonly boots: 'first' | 'again' | null;
  readonly kernel: number;
  readonly demand: number;
}

/** A share of the swapped pages is read again each second, and less than one page is none: so many cost nothing. */
const NEVER_READ = Math.ceil(1 / GUEST.touchedPerS);

/**
 * The least memory that the host must have given to one guest, second by second, when the guest never waits. It follows from its life and its
 * demand, and from how fast its balloon and its free page reporting can return memory. Nothing of it depends on a policy.
 *
 * What it takes to be free: the cold part of the page cache, the idle part of the memory as far as the guest has swap, and the knowledge of
 * what comes.
 */
export class GuestNeed {
  readonly spec: GuestSpec;
  readonly #pages: number;
  readonly #swapPages: number;
  readonly #files: FilePages;
  readonly #demand: Demand;
  readonly #life: Life;
  /** How much its balloon can return, and how much it can move to the guest's swap, pages per second. */
  readonly #returnsPerS: number;
  readonly #swapsPerS: number;
  #nextS = 0;
  #next: Moment;
  #programsS = 0;
  #killed: { readonly untilS: number; readonly pages: number } | null = null;
  #starvedS = 0;
  #hot = 0;
  /** The most that can be on its own swap. */
  #swapped = 0;
  /** Of the second that {@link step} has passed. All pages. */
  #backed = 0;
  isRunning = false;
  /** What it must have besides what its balloon could not return yet. */
  needed = 0;
  /** What it has in use: the same with nothing on its swap. */
  inUse = 0;
  /** It needs more than it has: it waits on any host. */
  isTooSmall = false;
  /** It ends or boots after this second: what it lacks from now on makes nobody wait. */
  isLast = false;

  constructor(spec: GuestSpec, random: Random) {
    this.spec = spec;
    this.#pages = Math.floor(spec.memoryKib / PAGE_KIB);
    this.#swapPages = Math.floor(spec.swapKib / PAGE_KIB);
    this.#files = filePagesOf(spec);
    this.#demand = new Demand(spec.demand, random);
    this.#life = new Life(spec.life, spec.running === null);
    const { moves, rateKib } = spec.balloon;
    const rate = rateKib === 0 ? Infinity : Math.max(1, Math.floor(rateKib / PAGE_KIB));
    this.#returnsPerS = moves === 'follows' ? Math.min(BALLOON.inflateFree, rate) : 0;
    this.#swapsPerS = moves === 'follows' || moves === 'hollow' ? Math.min(BALLOON.inflateSwap, rate) : 0;
    this.#next = this.#look(0);
  }

  /** One second. @returns the least pages of it that are backed at its end */
  step(): number {
    const now = this.#next;
    this.#nextS += 1;
    const next = this.#look(this.#nextS);
    this.#next = next;
    this.isRunning = now.state !== 'off';
    this.isLast = next.state === 'off' || next.boots !== null;
    if (now.boots !== null) this.#swapped = this.#hot = 0;
    if (now.boots === 'first' || !this.isRunning) this.#backed = 0;
    if (!this.isRunning) return (this.needed = this.inUse = 0);
    if (now.state === 'booting') {
      this.needed = this.inUse = now.kernel + now.demand;
      // Its balloon does not move yet.
      return (this.#backed = Math.max(this.needed, this.#backed));
    }
    this.#needAt(now, next);
    const afterBalloon = Math.max(this.needed, this.#backed - this.#returnsPerS);
    return (this.#backed = this.spec.freePageReporting ? reported(afterBalloon, this.needed) : afterBalloon);
  }

  #needAt(now: Moment, next: Moment): void {
    const { all, hot, reads } = this.#files;
    if (reads > 0 && all > 0) this.#hot = Math.min(hot, this.#hot + missingOf(this.#files, this.#hot));
    const most = this.isLast ? Infinity : this.#costlessSwap(now.demand, next.demand);
    this.#swapped = Math.min(this.#swapPages, this.#swapped + this.#swapsPerS, most, now.demand);
    const hotNeeded = this.isLast ? 0 : this.#hot;
    this.inUse = now.kernel + now.demand + this.#hot;
    const needed = now.kernel + now.demand - this.#swapped + hotNeeded;
    this.isTooSmall = needed > this.#pages;
    this.needed = Math.min(this.#pages, needed);
    this.#kill(now);
  }

  /** How much may be on its swap at the end of a second so that nothing of it is read in the next one, pages. */
  #costlessSwap(demand: number, next: number): number {
    const costless = this.spec.idle * next + NEVER_READ;
    if (next >= demand) return Math.floor(costless);
    // What is released then is released from the swap too, in proportion.
    return next === 0 ? Infinity : Math.floor((costless * demand) / next);
  }

  /** Where a guest cannot have what it needs on any host, its own OOM killer ends its programs, and they begin again. */
  #kill({ kernel, demand }: Moment): void {
    this.#starvedS = kernel + demand > this.#pages + this.#swapPages ? this.#starvedS + 1 : 0;
    if (this.#starvedS < GUEST.oomPatienceS) return;
    this.#starvedS = 0;
    this.#programsS = this.#nextS + GUEST.oomRestartS;
    this.#killed = { untilS: this.#programsS, pages: Math.floor(demand * GUEST.oomLeaves) };
  }

  #look(atS: number): Moment {
    const event = this.#life.at(atS);
    const boots = event === 'started' ? 'first' : event === 'rebooted' ? 'again' : null;
    if (boots !== null) {
      this.#programsS = this.#life.state === 'booting' ? atS + GUEST.bootS : atS;
      this.#killed = null;
    }
    if (!this.#life.isRunning) return { state: 'off', boots: null, kernel: 0, demand: 0 };
    if (this.#life.state === 'booting')
      return { state: 'booting', boots, ...whileBooting(this.#pages, atS - this.#life.bootedS) };
    const wanted = this.#demand.at(atS, Math.max(0, atS - this.#programsS));
    const demand = this.#killed !== null && atS < this.#killed.untilS ? Math.min(wanted, this.#killed.pages) : wanted;
    return { state: 'running', boots, kernel: kernelPagesOf(this.#pages), demand };
  }
}

/** What free page reporting leaves at least of so many backed pages. */
function reported(backed: number, needed: number): number {
  const inBlocks = Math.floor(REPORTING.blockShare * (backed - needed));
  return Math.max(needed, backed - Math.ceil(inBlocks * REPORTING.perS));
}
