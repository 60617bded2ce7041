// Long because all forms that bind names share the scopes of one walk.

import type { FileNode, ListNode, Node, SymbolNode, TextNode } from '../text/ast.ts';
import { BUILTINS, OPERATORS } from '../builtins/builtins.ts';
import { FUNCTION_VALUES } from '../builtins/function-values.ts';
import { claimedNames, functionDefined } from './claimed-names.ts';
import { type Method, METHODS } from '../builtins/methods.ts';
import type { Span } from '../text/source.ts';
import type { Definition, Gathered, Occurrence } from './occurrence.ts';

interface Scope {
  readonly names: Map<string, Definition>;
  readonly outer: Scope | null;
}

/** Collects the names in nodes. Tolerates malformed text. */
export function gatherOccurrences(files: readonly FileNode[]): Gathered {
  const walker = new Walker(files.flatMap(({ expressions }) => expressions));
  for (const { expressions } of files) for (const node of expressions) walker.node(node, null);
  return walker.gathered();
}

function functionNames(nodes: readonly Node[], into = new Set<string>()): Set<string> {
  for (const node of nodes) {
    const name = functionDefined(node);
    if (name !== null) into.add(name);
    if (node.kind === 'list') functionNames(node.items, into);
  }
  return into;
}

class Walker {
  readonly #definitions: Definition[] = [];
  readonly #occurrences: Occurrence[] = [];
  readonly #functions: ReadonlySet<string>;
  readonly #claimed: ReadonlySet<string>;
  #inside: string | null = null;

  constructor(nodes: readonly Node[]) {
    this.#functions = functionNames(nodes);
    this.#claimed = claimedNames(nodes);
  }

  /** If no function has the name, a variable may still hold one. */
  gathered(): Gathered {
    const variables = new Set(this.#definitions.filter(({ kind }) => kind !== 'function').map(({ name }) => name));
    const occurrences = this.#occurrences.map((each): Occurrence => {
      if (each.kind !== 'unknown') return each;
      return { ...each, kind: variables.has(each.name) ? 'variable' : 'function' };
    });
    return { definitions: this.#definitions, occurrences };
  }

  node(node: Node, scope: Scope | null): void {
    if (node.kind === 'symbol') this.#symbol(node, scope);
    else if (node.kind === 'list') this.#list(node, scope);
  }

  #nodes(nodes: readonly Node[], scope: Scope | null): void {
    for (const node of nodes) this.node(node, scope);
  }

  #list(list: ListNode, scope: Scope | null): void {
    const [head, ...rest] = list.items;
    if (head === undefined) return;
    if (head.kind === 'operator') {
      this.#note('builtin', OPERATORS.get(head.operator) ?? head.operator, head.span);
      return this.#nodes(rest, scope);
    }
    if (head.kind !== 'symbol') return this.#nodes(list.items, scope);
    const builtin = this.#claimed.has(head.name) || lookup(scope, head.name) ? undefined : BUILTINS.get(head.name);
    if (!builtin) {
      const owner = this.#head(head, list, scope);
      return this.#arguments(head, owner, rest, scope);
    }
    this.#note('builtin', builtin.name, head.span);
    switch (builtin.form) {
      case 'define':
        return this.#define(list, rest);
      case 'let':
        return this.#let(list, rest, scope);
      case 'with':
      case 'loop':
        return this.#loop(builtin.form, list, rest, scope);
      case 'fold':
        return this.#fold(list, rest, scope);
      case 'hand-out':
        return this.#handOut(list, rest, scope);
      case 'defvar':
      case 'param':
        return this.#variable(builtin.form, list, rest, scope);
      case 'assign': {
        const [name, ...values] = rest;
        if (name?.kind === 'symbol')
          this.#note('variable', name.name, name.span, { role: 'write', definition: lookup(scope, name.name) });
        return this.#nodes(values, scope);
      }
      case 'cond':
        return this.#clauses(rest, scope);
      case 'case':
        if (rest[0]) this.node(rest[0], scope);
        return this.#clauses(rest.slice(1), scope, true);
      default:
        for (const node of rest)
          if (node.kind === 'keyword') this.#note('keyword', node.name, node.span, { head: builtin.name });
        return this.#nodes(rest, scope);
    }
  }

  /** @param ofValues whether a list at the start of a clause has values in it, and is not a call */
  #clauses(clauses: readonly Node[], scope: Scope | null, ofValues = false): void {
    for (const clause of clauses) {
      if (clause.kind !== 'list') continue;
      const [first, ...body] = clause.items;
      if (first?.kind === 'list' && ofValues) this.#nodes(first.items, scope);
      else if (first && (first.kind !== 'symbol' || first.name !== 'else')) this.node(first, scope);
      this.#nodes(body, scope);
    }
  }

  #define(form: ListNode, [name, parameters, ...body]: readonly Node[]): void {
    const names = parameters?.kind === 'list' ? parameters.items.filter((item) => item.kind === 'symbol') : [];
    const common = { form, parameters: names.map((item) => item.name) };
    if (name?.kind === 'symbol')
      this.#defined({ kind: 'function', name: name.name, span: name.span, value: null, scope: null, ...common });
    const around = this.#inside;
    this.#inside = name?.kind === 'symbol' ? name.name : null;
    // A body sees the scope of its callers, not the scope around its text.
    const scope: Scope = { names: new Map(), outer: null };
    for (const item of names) {
      this.#bind(scope, {
        kind: 'parameter',
        name: item.name,
        span: item.span,
        value: null,
        scope: form.span,
        ...common,
      });
    }
    this.#nodes(body, scope);
    this.#inside = around;
  }

  #let(form: ListNode, [bindings, ...body]: readonly Node[], outer: Scope | null): void {
    const scope: Scope = { names: new Map(), outer };
    for (const pair of bindings?.kind === 'list' ? bindings.items : []) {
      if (pair.kind !== 'list') continue;
      const [name, ...values] = pair.items;
      this.#nodes(values, scope);
      if (name?.kind !== 'symbol') continue;
      const inScope = { ...form.span, start: pair.span.end };
      this.#bind(scope, {
        kind: 'let',
        name: name.name,
        span: name.span,
        form,
        value: values[0] ?? null,
        parameters: [],
        scope: inScope,
      });
    }
    this.#nodes(body, scope);
  }

  #loop(kind: 'with' | 'loop', form: ListNode, [list, name, ...body]: readonly Node[], outer: Scope | null): void {
    if (list) this.node(list, outer);
    const scope: Scope = { names: new Map(), outer };
    this.#bindPart(scope, kind, form, name, list);
    this.#nodes(body, scope);
  }

  #fold(form: ListNode, [list, name, acc, initial, ...body]: readonly Node[], outer: Scope | null): void {
    for (const node of [list, initial]) if (node) this.node(node, outer);
    const scope: Scope = { names: new Map(), outer };
    this.#bindPart(scope, 'loop', form, name, list);
    this.#bindPart(scope, 'carried', form, acc, initial);
    this.#nodes(body, scope);
  }

  #handOut(form: ListNode, parts: readonly Node[], outer: Scope | null): void {
    const [budget, list, name, granted, want, ...body] = parts;
    for (const node of [budget, list]) if (node) this.node(node, outer);
    const scope: Scope = { names: new Map(), outer };
    this.#bindPart(scope, 'loop', form, name, list);
    if (want) this.node(want, scope);
    const inner: Scope = { names: new Map(), outer: scope };
    this.#bindPart(inner, 'granted', form, granted, want);
    this.#nodes(body, inner);
  }

  /** Binds the name that a loop gives to a part of each iteration. */
  #bindPart(
    scope: Scope,
    kind: 'with' | 'loop' | 'carried' | 'granted',
    form: ListNode,
    name: Node | undefined,
    value: Node | undefined,
  ): void {
    if (name?.kind !== 'symbol') {
      if (name) this.node(name, scope.outer);
      return;
    }
    this.#bind(scope, {
      kind,
      name: name.name,
      span: name.span,
      form,
      value: value ?? null,
      parameters: [],
      scope: { ...form.span, start: name.span.end },
    });
  }

  #variable(kind: 'defvar' | 'param', form: ListNode, [name, ...values]: readonly Node[], scope: Scope | null): void {
    for (const value of values) {
      if (value.kind === 'keyword') this.#note('keyword', value.name, value.span, { head: kind });
      else this.node(value, scope);
    }
    if (name?.kind !== 'symbol') return;
    const enclosing = lookup(scope, name.name);
    // If the scope already has the name, defvar keeps its value.
    if (enclosing) this.#note('variable', name.name, name.span, { role: 'write', definition: enclosing });
    else
      this.#defined({
        kind,
        name: name.name,
        span: name.span,
        form,
        value: values[0] ?? null,
        parameters: [],
        scope: null,
      });
  }

  /** The head of a call. Returns the owner of the method. */
  #head(head: SymbolNode, call: ListNode, scope: Scope | null): Occurrence | null {
    const definition = lookup(scope, head.name);
    if (definition) {
      this.#note('variable', head.name, head.span, { definition });
      return null;
    }
    if (this.#functions.has(head.name)) this.#note('function', head.name, head.span, { call });
    else if (head.name.includes('.')) return this.#dotted(head, 'method', scope);
    else this.#note(FUNCTION_VALUES.has(head.name) ? 'builtin' : 'unknown', head.name, head.span, { call });
    return null;
  }

  #arguments(head: SymbolNode, owner: Occurrence | null, rest: readonly Node[], scope: Scope | null): void {
    const attribute = owner ? (head.name.split('.', 2)[1] ?? '') : null;
    const names = attribute === null ? undefined : METHODS.get(attribute)?.names;
    for (const [at, node] of rest.entries()) {
      if (at === 0 && node.kind === 'text' && names) this.#quoted(node, names, owner, attribute === 'SetVar');
      else if (node.kind === 'keyword') this.#note('keyword', node.name, node.span, { head: attribute ?? head.name });
      else this.node(node, scope);
    }
  }

  #quoted(node: TextNode, names: Method['names'], owner: Occurrence | null, stores: boolean): void {
    if (names === 'param') this.#note('variable', node.value, inside(node));
    else
      this.#note(names === 'variable' ? 'stored' : names, node.value, inside(node), {
        owner,
        role: stores ? 'definition' : 'use',
      });
  }

  #symbol(node: SymbolNode, scope: Scope | null): void {
    if (node.name === 'nil') return;
    if (node.name.includes('.')) this.#dotted(node, 'field', scope);
    else this.#note('variable', node.name, node.span, { definition: lookup(scope, node.name) });
  }

  /** Only the first two parts of a dotted name count. */
  #dotted({ name, span }: SymbolNode, kind: 'field' | 'method', scope: Scope | null): Occurrence {
    const [root = '', attribute = ''] = name.split('.', 2);
    const owner = this.#note(
      'variable',
      root,
      { ...span, end: span.start + root.length },
      { definition: lookup(scope, root) },
    );
    const start = span.start + root.length + 1;
    this.#note(
      METHODS.has(attribute) ? 'method' : kind,
      attribute,
      { ...span, start, end: start + attribute.length },
      { owner },
    );
    return owner;
  }

  #bind(scope: Scope, definition: Definition): void {
    // The first of duplicate names wins.
    const first = scope.names.get(definition.name);
    if (first) {
      this.#note('variable', definition.name, definition.span, { role: 'write', definition: first });
      return;
    }
    scope.names.set(definition.name, definition);
    this.#defined(definition);
  }

  #defined(definition: Definition): void {
    this.#definitions.push(definition);
    const lexical = definition.scope === null ? null : definition;
    this.#note(definition.kind === 'function' ? 'function' : 'variable', definition.name, definition.span, {
      role: 'definition',
      definition: lexical,
    });
  }

  #note(kind: Occurrence['kind'], name: string, span: Span, more: Partial<Occurrence> = {}): Occurrence {
    const occurrence: Occurrence = {
      kind,
      name,
      span,
      role: 'use',
      definition: null,
      inside: this.#inside,
      owner: null,
      head: null,
      call: null,
      ...more,
    };
    this.#occurrences.push(occurrence);
    return occurrence;
  }
}

function lookup(scope: Scope | null, name: string): Definition | null {
  for (let at = scope; at !== null; at = at.outer) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return null;
}

function inside({ span }: TextNode): Span {
  return { ...span, start: span.start + 1, end: Math.max(span.start + 1, span.end - 1) };
}
