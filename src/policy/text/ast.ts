import type { Span } from './source.ts';

/** The syntax tree of a policy: atoms and lists. Every node is frozen and has its position. */
export type Node = NumberNode | TextNode | SymbolNode | KeywordNode | OperatorNode | ListNode;

export interface NumberNode {
  readonly kind: 'number';
  /** In the base unit (KiB, s, ratio or pages) if written with a unit. */
  readonly value: number;
  /** The unit as written (`512MiB`, `20%`); null for a plain number. */
  readonly unit: string | null;
  /** Written with a point or exponent. Such a number is a fraction even if it is whole: `(<< 1 2.0)` is an error. */
  readonly fraction: boolean;
  readonly span: Span;
}

export interface TextNode {
  readonly kind: 'text';
  readonly value: string;
  readonly span: Span;
}

export interface SymbolNode {
  readonly kind: 'symbol';
  readonly name: string;
  readonly span: Span;
}

/** `:name`; the name is without the colon. */
export interface KeywordNode {
  readonly kind: 'keyword';
  readonly name: string;
  readonly span: Span;
}

export interface OperatorNode {
  readonly kind: 'operator';
  readonly operator: string;
  readonly span: Span;
}

/** `(…)` and `[…]` alike; `{…}` is parsed as `(eval …)`. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly span: Span;
}

/** One file: its top-level expressions in order. */
export interface FileNode {
  readonly span: Span;
  readonly expressions: readonly Node[];
  /** All comments, in text order. */
  readonly comments: readonly Comment[];
}

/** From the `#` to the end of its line. */
export interface Comment {
  readonly span: Span;
  readonly text: string;
}
