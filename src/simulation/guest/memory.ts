import { BALLOON } from '../constants.ts';
import { lowWatermark } from './watermark.ts';

/**
 * The books of a guest: each of its pages is in one state. All numbers are pages.
 *
 * | state       | backed by the host |
 * | ---         | --- |
 * | kernel      | yes |
 * | anonymous   | yes |
 * | cache       | yes |
 * | freeTouched | yes: it was used once, and the host does not know that it is free |
 * | untouched   | no  |
 * | ballooned   | no, except for `held` pages, which a balloon of huge or locked pages does not return |
 *
 * `swapped` pages are on the guest's own swap and not in its memory.
 */
export class GuestMemory {
  readonly pages: number;
  readonly swapPages: number;
  /** Free memory that its kernel defends. */
  readonly low: number;
  readonly #share: number;
  kernel = 0;
  anonymous = 0;
  cache = 0;
  freeTouched = 0;
  /** Of the free pages, those that booting has touched, here and there. */
  scattered = 0;
  untouched: number;
  ballooned = 0;
  held = 0;
  /** Of what was ballooned, parts of huge pages of the host, which gets them back only when it looks for memory. */
  torn = 0;
  swapped = 0;
  /** Of the backed pages, those on the host's swap. */
  hostSwapped = 0;
  /** Of the backed pages, those that KSM has merged, and those that it has seen once. */
  merged = 0;
  seen = 0;
  /** Of the ballooned pages, those that the balloon took from the host: what it has gained. */
  returned = 0;

  /** @param share of what it uses that KSM can merge, 0 to 1 */
  constructor(pages: number, swapPages: number, share = 1) {
    this.pages = pages;
    this.swapPages = swapPages;
    this.low = lowWatermark(pages);
    this.#share = share;
    this.untouched = pages;
  }

  /** What the balloon leaves. */
  get size(): number {
    return this.pages - this.ballooned;
  }

  get free(): number {
    return this.freeTouched + this.untouched;
  }

  /** What the host has given it. */
  get backed(): number {
    return this.kernel + this.anonymous + this.cache + this.freeTouched + this.held;
  }

  get resident(): number {
    return this.backed - this.hostSwapped;
  }

  /** Backs untouched pages: they are free and touched then. */
  touch(pages: number): void {
    this.untouched -= pages;
    this.freeTouched += pages;
    const gone = Math.ceil(pages * BALLOON.filledShare);
    this.torn = Math.max(0, Math.min(this.torn - gone, this.untouched + this.ballooned - this.held));
  }

  /** Gives free pages back to the host. */
  report(pages: number): void {
    this.#forget(pages);
    this.freeTouched -= pages;
    this.untouched += pages;
  }

  /**
   * How many of so many free pages, as its kernel hands them out, were never touched. What programs have given back comes first; what
   * booting has touched lies among the rest.
   */
  untouchedOf(pages: number): number {
    const recent = Math.max(0, this.freeTouched - this.scattered);
    const others = this.free - recent;
    if (pages <= recent || others === 0) return 0;
    return Math.min(this.untouched, Math.ceil(((pages - recent) * this.untouched) / others));
  }

  /**
   * Puts free pages into the balloon.
   * @param returnsMemory whether the host gets them back @param torn how many of them are parts of huge pages
   */
  inflate(pages: number, returnsMemory: boolean, torn = 0): void {
    const others = this.untouchedOf(pages);
    const backed = Math.min(this.freeTouched, pages - others);
    if (returnsMemory) this.#forget(backed);
    this.freeTouched -= backed;
    this.untouched -= pages - backed;
    this.scattered = Math.min(this.scattered, this.freeTouched);
    this.ballooned += pages;
    if (returnsMemory) {
      const left = Math.min(torn, backed);
      this.torn += left;
      this.returned += backed - left;
    } else this.held += backed;
  }

  deflate(pages: number): void {
    const share = pages / Math.max(1, this.ballooned);
    const held = Math.max(Math.floor(this.held * share), this.held - (this.ballooned - pages));
    this.returned -= Math.min(this.returned, Math.ceil(this.returned * share));
    this.ballooned -= pages;
    this.held -= held;
    this.freeTouched += held;
    this.untouched += pages - held;
  }

  /** All of it is free again, and stays backed: what a reboot leaves. The host does not know, so what is merged stays so until it is used. */
  wipe(): void {
    this.freeTouched += this.kernel + this.anonymous + this.cache + this.held;
    this.untouched += this.ballooned - this.held;
    this.kernel = this.anonymous = this.cache = this.held = this.ballooned = this.swapped = this.returned = 0;
    this.torn = 0;
  }

  /** The host takes all of it back: the guest has ended. */
  end(): void {
    this.wipe();
    this.untouched = this.pages;
    this.freeTouched = this.scattered = this.hostSwapped = this.merged = this.seen = 0;
  }

  /** The host splits huge pages, and gets the parts that the balloon has taken. */
  mend(pages: number): void {
    this.torn -= pages;
    this.returned += pages;
  }

  /** It has booted: what is free and touched is not what programs gave back. */
  scatter(): void {
    this.scattered = this.freeTouched;
  }

  /** What its kernel and its programs use. */
  get used(): number {
    return this.kernel + this.anonymous + this.cache;
  }

  /** Free pages are about to go: so is their part of what the host knows about backed pages. Of the pages in use at most the equal ones are merged. */
  #forget(pages: number): void {
    const { backed, used } = this;
    if (pages <= 0 || backed === 0) return;
    const inFree = Math.max(0, this.merged + this.seen - Math.floor(this.#share * used));
    const forgotten = Math.min(inFree, Math.ceil((inFree * pages) / (backed - used)));
    const seen = Math.min(this.seen, forgotten);
    this.seen -= seen;
    this.merged -= forgotten - seen;
    const left = this.hostSwapped - Math.ceil((this.hostSwapped * pages) / backed);
    this.hostSwapped = Math.max(0, Math.min(left, backed - pages - this.merged));
  }

  /** What cannot be true of these books, in words; null: nothing. */
  problem(): string | null {
    const { pages, kernel, anonymous, cache, freeTouched, untouched, ballooned } = this;
    const states = { kernel, anonymous, cache, freeTouched, untouched, ballooned };
    const rest = {
      torn: this.torn,
      ...{ held: this.held, swapped: this.swapped, hostSwapped: this.hostSwapped },
      ...{ merged: this.merged, seen: this.seen, returned: this.returned },
    };
    for (const [name, value] of Object.entries({ ...states, ...rest }))
      if (!Number.isSafeInteger(value) || value < 0) return `${name} is ${value}`;
    const sum = kernel + anonymous + cache + freeTouched + untouched + ballooned;
    if (sum !== pages) return `its states have ${sum} of ${pages} pages`;
    if (this.torn > untouched + ballooned - this.held) return 'more is torn than is not backed';
    if (this.held > ballooned) return 'the balloon holds more than it has';
    if (this.swapped > this.swapPages) return 'more is swapped than its swap has';
    if (this.merged + this.seen > this.backed) return 'more is merged or seen than is backed';
    if (this.hostSwapped + this.merged > this.backed) return 'more is merged or swapped by the host than is backed';
    return null;
  }
}
