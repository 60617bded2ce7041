import type { SourcePosition } from '../../model/control.ts';

/** One policy file as it was read. The name is what errors call it; it need not exist on a disk. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
  /** What is wrong with the bytes that the text was read from. Absent: nothing is. */
  readonly damage?: SourceDamage;
}

/** Why the bytes of a file are no policy text. */
export type SourceDamage =
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'utf-16' }
  /** `byte` begins no character; `offset` is the place in the text of the U+FFFD that stands for it. */
  | { readonly kind: 'not-utf-8'; readonly offset: number; readonly byte: number };

/** A stretch of one source: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** What ends a line, as editors and the language server protocol have it: a lone CR does too. */
export const LINE_END = /\r\n|\r|\n/;

/** A source with its line table, so that an offset becomes a line and a column. */
export class SourceText implements PolicySource {
  readonly file: string;
  readonly text: string;
  readonly damage?: SourceDamage;
  #lineStarts: number[] | null = null;

  constructor({ file, text, damage }: PolicySource) {
    this.file = file;
    this.text = text;
    if (damage !== undefined) this.damage = damage;
  }

  /** Lines and columns count from 1; a column is one UTF-16 unit, as editors count. */
  positionAt(offset: number): SourcePosition {
    const starts = this.#lines();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] as number) + 1 };
  }

  /** The text of a line, without its line break; '' for a line that does not exist. */
  line(number: number): string {
    const starts = this.#lines();
    const start = starts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, starts[number] ?? this.text.length).replace(/(?:\r\n|\r|\n)$/, '');
  }

  /** The offset at which a line begins; the end of the text for a line that does not exist. */
  lineStart(number: number): number {
    return this.#lines()[number - 1] ?? this.text.length;
  }

  // Built on the first question: a policy without errors never asks.
  #lines(): number[] {
    if (this.#lineStarts === null) {
      const ends = this.text.matchAll(new RegExp(LINE_END, 'g'));
      this.#lineStarts = [0, ...Array.from(ends, ({ 0: end, index }) => index + end.length)];
    }
    return this.#lineStarts;
  }
}

/** Where something begins: an offset into the text of a file. */
export interface Start {
  readonly file: string;
  readonly start: number;
}

/** Things in the order of the files and of the places in them; what has none comes last. */
export function inReadingOrder<T>(
  items: readonly T[],
  files: readonly PolicySource[],
  placeOf: (item: T) => Start | null,
): T[] {
  const order = new Map(files.map(({ file }, index) => [file, index]));
  const placed = items.map((item) => ({ item, place: placeOf(item) }));
  const fileOf = (place: Start | null): number => (place === null ? files.length : (order.get(place.file) ?? 0));
  return placed
    .sort((a, b) => fileOf(a.place) - fileOf(b.place) || (a.place?.start ?? 0) - (b.place?.start ?? 0))
    .map(({ item }) => item);
}

/** Where a span begins, for messages: `FILE:LINE:COLUMN`. */
export function placeText({ source, start }: Span): string {
  const { file, line, column } = source.positionAt(start);
  return `${file}:${line}:${column}`;
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}
