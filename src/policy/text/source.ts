import type { SourcePosition } from '../../model/control.ts';

/** One policy file as read. The name is used in messages and need not exist on disk. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
  /** The problem with the file's bytes. Absent: none. */
  readonly damage?: SourceDamage;
}

/** Why the bytes of a file are not policy text. */
export type SourceDamage =
  | { readonly kind: 'too-large'; readonly bytes: number }
  | { readonly kind: 'utf-16' }
  /** `byte` is invalid UTF-8; `offset` is the position of its U+FFFD in the text. */
  | { readonly kind: 'not-utf-8'; readonly offset: number; readonly byte: number };

/** A range in one source: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** Whether a range is inside another one, or the same. */
export function within(inner: Span, outer: Span): boolean {
  return inner.source === outer.source && outer.start <= inner.start && inner.end <= outer.end;
}

/** Line breaks, as in editors and the language server protocol: including a lone CR. */
export const LINE_END = /\r\n|\r|\n/;

/** A source with a line table, which converts offsets to lines and columns. */
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

  /** Lines and columns start at 1; a column is one UTF-16 unit, as in editors. */
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

  /** The offset at which a line starts; the end of the text for a line that does not exist. */
  lineStart(number: number): number {
    return this.#lines()[number - 1] ?? this.text.length;
  }

  // Built on first use: a policy without errors does not need it.
  #lines(): number[] {
    if (this.#lineStarts === null) {
      const ends = this.text.matchAll(new RegExp(LINE_END, 'g'));
      this.#lineStarts = [0, ...Array.from(ends, ({ 0: end, index }) => index + end.length)];
    }
    return this.#lineStarts;
  }
}

/** The start of something: an offset in a file. */
export interface Start {
  readonly file: string;
  readonly start: number;
}

/** Sorts by file and position; items without a position come last. */
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

/** The start of a span for messages: `FILE:LINE:COLUMN`. */
export function placeText({ source, start }: Span): string {
  const { file, line, column } = source.positionAt(start);
  return `${file}:${line}:${column}`;
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}
