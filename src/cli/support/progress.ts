import type { Io } from './io.ts';

/** How far a long job has come, on a terminal only, in one line that comes and goes. */
export class Progress {
  readonly #stream: Io['stderr'];
  readonly #total: number;
  #shown = '';

  /** @param total bytes in all; 0 when that is not known, and then nothing is shown */
  constructor(stream: Io['stderr'], total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  show(bytes: number): void {
    if (this.#stream.isTTY !== true || this.#total === 0) return;
    const text = `replayed ${Math.min(100, Math.floor((bytes / this.#total) * 100))} %`;
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
