import { Writable } from 'node:stream';

/** A stream that keeps what was written. */
export class Sink extends Writable {
  readonly isTTY: boolean;
  #text = '';

  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.#text += chunk;
    done();
  }

  get text(): string {
    return this.#text;
  }

  /** Whole lines; a text that does not end with one is an error. */
  get lines(): string[] {
    const lines = this.#text.split('\n');
    if (lines.pop() !== '') throw new Error(`the last line is not whole: ${this.#text}`);
    return lines;
  }
}
