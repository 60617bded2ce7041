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
  readonly #share: number;
  kernel = 0;
  anonymous = 0;
  cache = 0;
  freeTouched = 0;
  untouched: number;
  ballooned = 0;
  held = 0;
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
  }

  /** Gives free pages back to the host. */
  report(pages: number): void {
    this.#forget(pages);
    this.freeTouched -= pages;
    this.untouched += pages;
  }

  /** Puts free pages into the balloon, touched ones and others as they come. @param returnsMemory whether the host gets them back */
  inflate(pages: number, returnsMemory: boolean): void {
    const touched = Math.min(this.freeTouched, Math.floor((pages * this.freeTouched) / Math.max(1, this.free)));
    const others = Math.min(this.untouched, pages - touched);
    const backed = pages - others;
    if (returnsMemory) this.#forget(backed);
    this.freeTouched -= backed;
    this.untouched -= others;
    this.ballooned += pages;
    if (returnsMemory) this.returned += backed;
    else this.held += backed;
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
  }

  /** The host takes all of it back: the guest has ended. */
  end(): void {
    this.wipe();
    this.untouched = this.pages;
    this.freeTouched = this.hostSwapped = this.merged = this.seen = 0;
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
      ...{ held: this.held, swapped: this.swapped, hostSwapped: this.hostSwapped },
      ...{ merged: this.merged, seen: this.seen, returned: this.returned },
    };
    for (const [name, value] of Object.entries({ ...states, ...rest }))
      if (!Number.isSafeInteger(value) || value < 0) return `${name} is ${value}`;
    const sum = kernel + anonymous + cache + freeTouched + untouched + ballooned;
    if (sum !== pages) return `its states have ${sum} of ${pages} pages`;
    if (this.held > ballooned) return 'the balloon holds more than it has';
    if (this.swapped > this.swapPages) return 'more is swapped than its swap has';
    if (this.merged + this.seen > this.backed) return 'more is merged or seen than is backed';
    if (this.hostSwapped + this.merged > this.backed) return 'more is merged or swapped by the host than is backed';
    return null;
  }
}
