/** Says what has finished, and how long the rest takes if it is as slow. */
export class Progress {
  readonly #all: number;
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  readonly #beganMs: number;
  #done = 0;

  /** @param now milliseconds */
  constructor(all: number, say: (line: string) => void, now: () => number = () => performance.now()) {
    this.#all = all;
    this.#say = say;
    this.#now = now;
    this.#beganMs = now();
  }

  done(what: string): void {
    this.#done += 1;
    const leftMs = ((this.#now() - this.#beganMs) / this.#done) * (this.#all - this.#done);
    this.#say(`${this.#done} of ${this.#all} runs, ${Math.ceil(leftMs / 60_000)} min left: ${what}`);
  }
}
