import { Writable } from 'node:stream';

/** A stream that keeps the written text. */
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

  /** The complete lines; throws when the text does not end with a line break. */
  get lines(): string[] {
    const lines = this.#text.split('\n');
    if (lines.pop() !== '') throw new Error(`the last line is incomplete: ${this.#text}`);
    return lines;
  }
}
