import type { Comment, FileNode, ListNode, Node } from '../../policy/text/ast.ts';

/** A file or a bracket as written: its items in order, with their comments. */
export interface Sequence {
  readonly items: readonly Item[];
  /** Comments after the last item. */
  readonly dangling: readonly Remark[];
}

/** A comment on a line of its own. */
export interface Remark {
  readonly text: string;
  /** Whether blank lines precede it. */
  readonly gap: boolean;
}

export interface Group extends Sequence {
  readonly open: string;
  readonly close: string;
  /** The comment that ends the line of the opening bracket. */
  readonly afterOpen: string | null;
  /** Whether the closing bracket must stay on the line of the previous item. */
  closesOnLine: boolean;
}

/** An atom or a bracket. The mutable properties are set by the passes between reading and printing. */
export interface Item {
  /** The text of an atom; '' for a bracket. */
  readonly text: string;
  readonly group: Group | null;
  readonly start: number;
  readonly end: number;
  /** The comments on the lines above. */
  readonly leading: readonly Remark[];
  /** Whether blank lines precede it, after its leading comments. */
  readonly gap: boolean;
  /** The comment that ends its last line. */
  trailing: string | null;
  /** Its position relative to the previous item. */
  join: 'free' | 'same-line' | 'new-line';
  /** The width on one line; Infinity if it cannot or should not be on one line. */
  width: number;
}

export function treeOf({ expressions, comments, span: { source, end } }: FileNode): Sequence {
  return new Reader(source.text, comments).file(expressions, end);
}

const NONE: readonly Remark[] = [];
const LF = 10;
const CR = 13;

/** Reads the nodes and comments of a file in order. */
class Reader {
  readonly #text: string;
  readonly #all: readonly Comment[];
  /** Index of the next comment. */
  #next = 0;
  /** The end of the last item or comment read. */
  #at = 0;
  /** Own-line comments since the last item. */
  #leading: Remark[] = [];

  constructor(text: string, comments: readonly Comment[]) {
    this.#text = text;
    this.#all = comments;
  }

  file(nodes: readonly Node[], end: number): Sequence {
    const { items, dangling } = this.#sequence(nodes, 0, end);
    return { items, dangling };
  }

  /** @param from end of the opening bracket */
  #sequence(nodes: readonly Node[], from: number, to: number): Sequence & { readonly afterOpen: string | null } {
    const items: Item[] = [];
    let last: Item | null = null;
    let afterOpen: string | null = null;
    this.#at = from;
    for (const node of nodes) {
      const { start, end } = node.span;
      afterOpen = this.#comments(start, from, last) ?? afterOpen;
      const gap = this.#at > from && this.#breaks(start) > 1;
      const leading = this.#takeLeading();
      const group = node.kind === 'list' ? this.#group(node) : null;
      last = {
        text: group ? '' : this.#text.slice(start, end),
        group,
        start,
        end,
        leading,
        gap,
        trailing: null,
        join: 'free',
        width: 0,
      };
      items.push(last);
      this.#at = end;
    }
    afterOpen = this.#comments(to, from, last) ?? afterOpen;
    return { items, dangling: this.#takeLeading(), afterOpen };
  }

  #group({ items, span: { start, end } }: ListNode): Group {
    const open = this.#text.charAt(start);
    // The parser has inserted `eval` at the start of items in braces.
    const inside = this.#sequence(open === '{' ? items.slice(1) : items, start + 1, end - 1);
    return {
      open,
      close: this.#text.charAt(end - 1),
      items: inside.items,
      dangling: inside.dangling,
      afterOpen: inside.afterOpen,
      closesOnLine: false,
    };
  }

  /** Takes the comments up to an offset. Returns the one that ends the line of the opening bracket. */
  #comments(to: number, from: number, last: Item | null): string | null {
    let afterOpen: string | null = null;
    for (let comment = this.#all[this.#next]; comment && comment.span.start < to; comment = this.#all[this.#next]) {
      const breaks = this.#breaks(comment.span.start);
      const text = comment.text.trimEnd();
      if (breaks > 0 || this.#at === 0) this.#leading.push({ text, gap: breaks > 1 && this.#at > from });
      else if (last) last.trailing = text;
      else afterOpen = text;
      this.#at = comment.span.end;
      this.#next += 1;
    }
    return afterOpen;
  }

  #takeLeading(): readonly Remark[] {
    if (this.#leading.length === 0) return NONE;
    const taken = this.#leading;
    this.#leading = [];
    return taken;
  }

  /** Line breaks between the last item read and an offset, counted up to 2. */
  #breaks(to: number): number {
    let breaks = 0;
    for (let at = this.#at; at < to && breaks < 2; at += 1) {
      const code = this.#text.charCodeAt(at);
      // CRLF counts once.
      if (code === LF || (code === CR && this.#text.charCodeAt(at + 1) !== LF)) breaks += 1;
    }
    return breaks;
  }
}
