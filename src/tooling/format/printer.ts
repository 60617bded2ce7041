import { isPinned } from './measure.ts';
import { shapeOf, type Shape } from './shapes.ts';
import type { Group, Item, Remark, Sequence } from './tree.ts';

/** Maximum line width. Comments, strings and lines pinned by an allow comment may exceed it. */
const WIDTH = 100;

/** Prints a measured file. */
export function print(file: Sequence): string {
  const printer = new Printer();
  printer.file(file);
  return printer.text;
}

type Separator = 'none' | 'space' | 'line';

class Printer {
  readonly #chunks: string[] = [];
  #column = 0;
  #lines = 0;
  /** A comment ends its line: the next item needs a new one. */
  #afterComment = false;

  get text(): string {
    return this.#chunks.join('');
  }

  file({ items, dangling }: Sequence): void {
    for (const item of items) {
      this.#separate(this.#isForced(item) || item.join !== 'same-line' ? 'line' : 'space', item, 0);
      this.#item(item, 0, false);
    }
    for (const remark of dangling) this.#remark(remark, 0);
    if (this.#chunks.length > 0) this.#chunks.push('\n');
  }

  /** @param tail number of closing brackets that follow on the same line */
  #item(item: Item, tail: number, isParameters: boolean): void {
    const { group } = item;
    if (!group) this.#write(item.text);
    else if (this.#column + item.width + tail <= WIDTH || (Number.isFinite(item.width) && isPinned(group)))
      this.#write(flat(item));
    else this.#group(group, tail, isParameters);
    if (item.trailing !== null) this.#comment(`  ${item.trailing}`);
  }

  #group(group: Group, tail: number, isParameters: boolean): void {
    const { open, close, items, dangling, afterOpen } = group;
    const column = this.#column;
    const braces = open === '{';
    const shape = shapeOf(group, isParameters);
    this.#write(open);
    if (afterOpen !== null) this.#comment(`  ${afterOpen}`);
    const closing = braces || dangling.length > 0 || items.at(-1)?.trailing ? 0 : tail + 1;
    /** The start column of each item. */
    const columns: number[] = [];
    let line = this.#lines;
    for (const [at, item] of items.entries()) {
      const separator = this.#separator(shape, items, at, { closing, inLine: line === this.#lines });
      this.#separate(separator, item, indentOf(shape, column, columns, at), shape.fill);
      line = this.#lines;
      columns.push(this.#column);
      this.#item(item, at === items.length - 1 ? closing : 0, at === shape.parameters);
    }
    for (const remark of dangling) this.#remark(remark, indentOf(shape, column, columns, items.length));
    if (this.#afterComment || (braces && !group.closesOnLine)) this.#newline(column, false);
    else if (braces) this.#write(' ');
    this.#write(close);
  }

  /** @param where `closing`: closing brackets follow the last item; `inLine`: the item before took only one line */
  #separator(
    shape: Shape,
    items: readonly Item[],
    at: number,
    where: { readonly closing: number; readonly inLine: boolean },
  ): Separator {
    const item = items[at] as Item;
    const before = items[at - 1];
    const tight: Separator = before || shape.head === 0 ? 'space' : 'none';
    if (this.#isForced(item)) return 'line';
    if (item.join === 'same-line') return tight;
    if (!before) return shape.head === 0 ? 'line' : 'none';
    if (isKeyword(before)) return 'space';
    if (at < shape.head) return where.inLine ? 'space' : 'line';
    if (!shape.fill || !where.inLine) return 'line';
    // Keyword arguments stay together.
    if (isKeyword(item) && !items.slice(0, at).some(isKeyword)) return 'line';
    const value = isKeyword(item) ? items[at + 1] : undefined;
    const width = item.width + (value ? 1 + value.width : 0);
    const isLast = (value ? at + 1 : at) === items.length - 1;
    return this.#column + 1 + width + (isLast ? where.closing : 0) <= WIDTH ? 'space' : 'line';
  }

  #isForced(item: Item): boolean {
    return this.#afterComment || item.leading.length > 0 || item.join === 'new-line';
  }

  #separate(separator: Separator, item: Item, indent: number, fill = false): void {
    for (const remark of item.leading) this.#remark(remark, indent);
    if (separator === 'line') this.#newline(indent, item.gap && (!fill || item.leading.length > 0));
    else if (separator === 'space') this.#write(' ');
  }

  #remark({ text, gap }: Remark, indent: number): void {
    this.#newline(indent, gap);
    this.#comment(text);
  }

  #comment(text: string): void {
    this.#write(text);
    this.#afterComment = true;
  }

  #newline(indent: number, gap: boolean): void {
    if (this.#chunks.length > 0) {
      this.#chunks.push(gap ? '\n\n' : '\n', ' '.repeat(indent));
      this.#lines += 1;
    }
    this.#column = indent;
    this.#afterComment = false;
  }

  #write(text: string): void {
    this.#chunks.push(text);
    const end = text.lastIndexOf('\n');
    if (end !== -1) this.#lines += 1;
    this.#column = end === -1 ? this.#column + text.length : text.length - end - 1;
  }
}

/** The column of an item that starts a line. */
function indentOf({ head, rest }: Shape, column: number, columns: readonly number[], at: number): number {
  const [first = column + 1, argument] = columns;
  if (at === 0) return head === 0 ? column + 2 : column + 1;
  if (at < head) return argument ?? (rest === 'body' ? column + 4 : column + 2);
  if (rest === 'item') return first;
  return rest === 'argument' ? (argument ?? column + 2) : column + 2;
}

function isKeyword({ text }: Item): boolean {
  return text.startsWith(':');
}

function flat({ text, group }: Item): string {
  if (!group) return text;
  const inner = group.items.map(flat).join(' ');
  return group.open === '{' && inner !== '' ? `{ ${inner} }` : `${group.open}${inner}${group.close}`;
}
