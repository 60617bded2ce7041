import type { ListNode, Node } from '../text/ast.ts';
import type { Span } from '../text/source.ts';

/** A definition of a name. */
export interface Definition {
  readonly kind: 'function' | 'parameter' | 'let' | 'with' | 'loop' | 'carried' | 'granted' | 'defvar' | 'param';
  readonly name: string;
  /** The range of the name. */
  readonly span: Span;
  /** The list that defines it. */
  readonly form: ListNode;
  /** The value of a variable, the list of a loop, or what a `hand-out` is asked for. */
  readonly value: Node | null;
  /** For a function: its parameters. For a parameter: all parameters of its function. */
  readonly parameters: readonly string[];
  /** The range in which the text shows that a variable refers to this definition; null: everywhere. */
  readonly scope: Span | null;
}

/** A use of a name in the text. */
export interface Occurrence {
  readonly kind:
    'variable' | 'function' | 'builtin' | 'method' | 'field' | 'control' | 'prop' | 'stored' | 'keyword' | 'unknown';
  readonly name: string;
  readonly role: 'definition' | 'write' | 'use';
  /** The range of the name alone, without dot or quotes. */
  readonly span: Span;
  /** The enclosing definition of a variable. */
  readonly definition: Definition | null;
  /** The function whose body contains it. */
  readonly inside: string | null;
  /** The owner of a field, method, control, property or stored variable. */
  readonly owner: Occurrence | null;
  /** The function or method that a keyword belongs to. */
  readonly head: string | null;
  /** The list of a function call. */
  readonly call: ListNode | null;
}

/** All names in the nodes of a program, in text order. */
export interface Gathered {
  readonly definitions: readonly Definition[];
  readonly occurrences: readonly Occurrence[];
}
