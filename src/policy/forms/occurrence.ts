import type { ListNode, Node } from '../text/ast.ts';
import type { Span } from '../text/source.ts';

/** What gives a name its meaning. */
export interface Definition {
  readonly kind: 'function' | 'parameter' | 'let' | 'with' | 'loop' | 'defvar' | 'param';
  readonly name: string;
  /** Of the name. */
  readonly span: Span;
  /** The brackets that define it. */
  readonly form: ListNode;
  /** What a variable is bound to, or the list that a loop goes through. */
  readonly value: Node | null;
  /** Of a function: its parameters. Of a parameter: those of its function, itself included. */
  readonly parameters: readonly string[];
  /** Where the text itself shows that a variable is this one; null: everywhere. */
  readonly scope: Span | null;
}

/** A name where it stands in the text. */
export interface Occurrence {
  readonly kind:
    'variable' | 'function' | 'builtin' | 'method' | 'field' | 'control' | 'prop' | 'stored' | 'keyword' | 'unknown';
  readonly name: string;
  readonly role: 'definition' | 'write' | 'use';
  /** Of the name alone: without a dot or quotes. */
  readonly span: Span;
  /** Of a variable: the definition that encloses it. */
  readonly definition: Definition | null;
  /** The function in whose body it stands. */
  readonly inside: string | null;
  /** What has the field, method, control, property or stored variable. */
  readonly owner: Occurrence | null;
  /** Of a keyword: the function or method that it belongs to. */
  readonly head: string | null;
  /** Of a function that is called: the brackets of the call. */
  readonly call: ListNode | null;
}

/** Everything that the nodes of a program name, in the order of the text. */
export interface Gathered {
  readonly definitions: readonly Definition[];
  readonly occurrences: readonly Occurrence[];
}
