import type { Io } from './io.ts';

/** A progress line for long jobs, only on a terminal. */
export class Progress {
  readonly #stream: Io['stderr'];
  readonly #total: number;
  readonly #verb: string;
  #shown = '';

  /**
   * @param total of bytes, or of whatever is counted; 0 if unknown, which shows nothing
   * @param verb what is done with them, in the past tense
   */
  constructor(stream: Io['stderr'], total: number, verb = 'replayed') {
    this.#stream = stream;
    this.#total = total;
    this.#verb = verb;
  }

  show(done: number): void {
    if (this.#stream.isTTY !== true || this.#total === 0) return;
    const text = `${this.#verb} ${Math.min(100, Math.floor((done / this.#total) * 100))} %`;
    if (text === this.#shown) return;
    this.#stream.write(`\r${text}\u001b[K`);
    this.#shown = text;
  }

  clear(): void {
    if (this.#shown === '') return;
    this.#stream.write('\r\u001b[K');
    this.#shown = '';
  }
}
