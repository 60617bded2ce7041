import type { Comment, FileNode, ListNode, Node } from '../../policy/text/ast.ts';

/** A file or a bracket as it was written: its parts in order, with the comments beside them. */
export interface Sequence {
  readonly items: readonly Item[];
  /** Comments below the last item. */
  readonly dangling: readonly Remark[];
}

/** A comment on a line of its own. */
export interface Remark {
  readonly text: string;
  /** Whether blank lines stand before it. */
  readonly gap: boolean;
}

export interface Group extends Sequence {
  readonly open: string;
  readonly close: string;
  /** The comment that ends the line of the opening bracket. */
  readonly afterOpen: string | null;
  /** Whether the closing bracket must stay on the line of what is before it. */
  closesOnLine: boolean;
}

/** An atom or a bracket. What is mutable is settled by the passes between reading and writing. */
export interface Item {
  /** Of an atom as it was written, '' of a bracket. */
  readonly text: string;
  readonly group: Group | null;
  readonly start: number;
  readonly end: number;
  /** The comments on the lines above. */
  readonly leading: readonly Remark[];
  /** Whether blank lines stand before it, below its leading comments. */
  readonly gap: boolean;
  /** The comment that ends its last line. */
  trailing: string | null;
  /** Where it must stand in relation to what is before it. */
  join: 'free' | 'same-line' | 'new-line';
  /** Of all on one line; Infinity if it cannot or should not be on one. */
  width: number;
}

export function treeOf({ expressions, comments, span: { source, end } }: FileNode): Sequence {
  return new Reader(source.text, comments).file(expressions, end);
}

const NONE: readonly Remark[] = [];
const LF = 10;
const CR = 13;

/** Goes through the nodes and the comments of a file, both in their order. */
class Reader {
  readonly #text: string;
  readonly #all: readonly Comment[];
  /** The next comment. */
  #next = 0;
  /** The end of what was read last. */
  #at = 0;
  /** The comments since the last item that stand on lines of their own. */
  #leading: Remark[] = [];

  constructor(text: string, comments: readonly Comment[]) {
    this.#text = text;
    this.#all = comments;
  }

  file(nodes: readonly Node[], end: number): Sequence {
    const { items, dangling } = this.#sequence(nodes, 0, end);
    return { items, dangling };
  }

  /** @param from where the first item or comment may begin: after the opening bracket */
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
    // The parser has put `eval` in front of what is in braces.
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

  /** Takes the comments up to an offset. Answers the one that ends the line of the opening bracket. */
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

  /** How many lines end between what was read last and an offset; 2 stands for more. */
  #breaks(to: number): number {
    let breaks = 0;
    for (let at = this.#at; at < to && breaks < 2; at += 1) {
      const code = this.#text.charCodeAt(at);
      // The CR of CRLF ends no line of its own.
      if (code === LF || (code === CR && this.#text.charCodeAt(at + 1) !== LF)) breaks += 1;
    }
    return breaks;
  }
}
