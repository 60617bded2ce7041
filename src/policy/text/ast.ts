import type { Span } from './source.ts';

/** What the text of a policy is: atoms and bracketed lists of them. Every node is frozen and knows its place. */
export type Node = NumberNode | TextNode | SymbolNode | KeywordNode | OperatorNode | ListNode;

export interface NumberNode {
  readonly kind: 'number';
  /** In the base unit if it was written with a unit: KiB, s, ratio or pages. */
  readonly value: number;
  /** The unit as it was written (`512MiB`, `20%`); null for a plain number. */
  readonly unit: string | null;
  /** Written with a point or an exponent. Such a number is a fraction even if nothing follows the point: `(<< 1 2.0)` is an error. */
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

/** `(…)` and `[…]` alike; `{…}` is read as `(eval …)`. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly span: Span;
}

/** One file: its top-level expressions in order. */
export interface FileNode {
  readonly span: Span;
  readonly expressions: readonly Node[];
  /** In the order of the text, wherever they stand. */
  readonly comments: readonly Comment[];
}

/** From the `#` to the end of its line. */
export interface Comment {
  readonly span: Span;
  readonly text: string;
}
