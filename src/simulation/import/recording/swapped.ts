/**
 * How much of a guest is on its swap, from what it has written to it and read from it: nothing reports it. Slots of memory that programs
 * give up are freed without being read, in the same proportion as the memory that they give up at the same time.
 */
export class SwappedEstimate {
  #usedKib = 0;
  #inKib: number | null = null;
  #outKib: number | null = null;
  kib = 0;
  mostKib = 0;

  /** @param usedKib what programs have in memory */
  add(usedKib: number, inKib: number | null, outKib: number | null): void {
    const [read, written] = [grown(this.#inKib, inKib), grown(this.#outKib, outKib)];
    const given = Math.max(0, this.#usedKib - usedKib - written + read);
    const share = this.#usedKib > 0 ? Math.min(1, given / this.#usedKib) : 0;
    this.kib = Math.max(0, (this.kib + written - read) * (1 - share));
    if (this.kib > this.mostKib) this.mostKib = this.kib;
    this.#usedKib = usedKib;
    this.#inKib = inKib;
    this.#outKib = outKib;
  }

  /** The guest boots. */
  reset(): void {
    this.#inKib = this.#outKib = null;
    this.#usedKib = this.kib = 0;
  }
}

/** A counter that is new, or went back, tells nothing. */
function grown(before: number | null, now: number | null): number {
  return before === null || now === null || now < before ? 0 : now - before;
}
