import type { ListNode, Node, SymbolNode } from './ast.ts';
import { BUILTINS, builtinNamed, OPERATORS } from './builtins.ts';
import { catalogue } from './catalogue.ts';
import type { Fault } from './diagnostics.ts';
import type { Attribute, Expression, Let, Malformed, Variable } from './forms.ts';
import { MAX_ARGUMENTS } from './limits.ts';

/** Recognises the forms of the language in a node. What is wrong becomes a {@link Malformed}, never an exception. */
export function expand(node: Node): Expression {
  switch (node.kind) {
    case 'number':
      return { kind: 'literal', value: node.value, fraction: node.fraction, span: node.span };
    case 'text':
      return { kind: 'literal', value: node.value, fraction: false, span: node.span };
    case 'symbol':
      return reference(node);
    case 'operator':
      return malformed(node, catalogue.operatorAlone(node.operator));
    case 'list':
      return expandList(node);
  }
}

function reference(node: SymbolNode): Expression {
  if (node.name === 'nil') return { kind: 'literal', value: null, fraction: false, span: node.span };
  return name(node);
}

/** Of a name with dots only the first two parts count: `a.b.c` is `a.b`. */
function name(node: SymbolNode): Variable | Attribute {
  const [root = '', attribute] = node.name.split('.', 2);
  if (attribute === undefined) return { kind: 'variable', name: node.name, span: node.span };
  return { kind: 'attribute', name: node.name, root, attribute, span: node.span };
}

function malformed(node: Node, fault: Fault, head: string | null = null): Malformed {
  return { kind: 'malformed', fault, head, node, span: node.span };
}

function expandList(node: ListNode): Expression {
  const [first, ...rest] = node.items;
  if (first === undefined) return malformed(node, catalogue.emptyList());
  if (first.kind === 'operator') return builtinCall(node, OPERATORS.get(first.operator) ?? '', first.operator, rest);
  if (first.kind !== 'symbol') return malformed(node, catalogue.notCallable(called(first)));
  if (BUILTINS.has(first.name)) return builtinCall(node, first.name, first.name, rest);
  const callee = name(first);
  if (rest.length > MAX_ARGUMENTS) return malformed(node, catalogue.tooManyArguments(rest.length, MAX_ARGUMENTS));
  const args = rest.map(expand);
  if (callee.kind === 'attribute') return { kind: 'method', callee, args, span: node.span };
  return { kind: 'call', name: callee.name, args, span: node.span };
}

function builtinCall(node: ListNode, head: string, written: string, rest: readonly Node[]): Expression {
  const builtin = builtinNamed(head);
  const form = { head, node, span: node.span };
  if (head === 'eval' && written === 'eval' && rest.length === 0) return malformed(node, catalogue.emptyList(), head);
  if (rest.length < builtin.minArguments || rest.length > builtin.maxArguments) {
    const fault = catalogue.arity(written, builtin.minArguments, builtin.maxArguments, rest.length, builtin.signature);
    return malformed(node, fault, head);
  }
  // The bodies of `{…}` and `let` are no arguments: there may be any number.
  const counted = builtin.form === 'block' || builtin.form === 'let' ? 0 : rest.length;
  if (counted > MAX_ARGUMENTS) return malformed(node, catalogue.tooManyArguments(counted, MAX_ARGUMENTS), head);
  // The counts were checked above.
  const [a, b, c] = rest as [Node, Node, Node];
  switch (builtin.form) {
    case 'plain':
      return { kind: 'apply', builtin, args: rest.map(expand), ...form };
    case 'if':
      return { kind: 'if', condition: expand(a), consequent: expand(b), alternative: expand(c), ...form };
    case 'logic':
      return { kind: 'logic', operator: head === 'and' ? 'and' : 'or', args: rest.map(expand), ...form };
    case 'block':
      return { kind: 'block', body: rest.map(expand), ...form };
    case 'let':
      return expandLet(node, a, rest.slice(1));
    case 'with': {
      if (a.kind !== 'symbol') return malformed(node, catalogue.nameWanted('with', called(a)), head);
      if (b.kind !== 'symbol') return malformed(node, catalogue.nameWanted('with', called(b)), head);
      return { kind: 'with', list: name(a), variable: b.name, body: expand(c), ...form };
    }
    case 'define': {
      if (a.kind !== 'symbol') return malformed(node, catalogue.nameWanted(written, called(a)), head);
      return { kind: 'define', name: a.name, parameters: parametersOf(a.name, b), body: expand(c), ...form };
    }
    case 'defvar':
    case 'assign': {
      if (a.kind !== 'symbol') return malformed(node, catalogue.nameWanted(written, called(a)), head);
      return { kind: builtin.form, name: a.name, value: expand(b), ...form };
    }
  }
}

function expandLet(node: ListNode, list: Node, body: readonly Node[]): Expression {
  if (list.kind !== 'list') return malformed(node, catalogue.bindingsWanted(called(list)), 'let');
  if (list.items.length > MAX_ARGUMENTS) return malformed(node, catalogue.tooManyArguments(list.items.length, MAX_ARGUMENTS), 'let');
  const bindings: Let['bindings'][number][] = [];
  for (const pair of list.items) {
    if (pair.kind !== 'list' || pair.items.length !== 2) {
      return malformed(node, catalogue.bindingWanted(called(pair)), 'let');
    }
    const [variable, value] = pair.items as [Node, Node];
    if (variable.kind !== 'symbol') return malformed(node, catalogue.nameWanted('let', called(variable)), 'let');
    bindings.push({ name: variable.name, value: expand(value), span: variable.span });
  }
  return { kind: 'let', bindings, body: body.map(expand), head: 'let', node, span: node.span };
}

function parametersOf(functionName: string, list: Node): readonly string[] | Fault {
  if (list.kind !== 'list') return catalogue.parametersWanted(functionName, called(list));
  if (list.items.length > MAX_ARGUMENTS) return catalogue.tooManyArguments(list.items.length, MAX_ARGUMENTS);
  const wrong = list.items.find((item) => item.kind !== 'symbol');
  if (wrong) return catalogue.parametersWanted(functionName, called(wrong));
  return list.items.map((item) => (item as SymbolNode).name);
}

/** The arguments of a list as expressions: what a variable that hides the builtin would be called with. */
export function argumentsOf(node: Node): readonly Expression[] {
  return node.kind === 'list' ? node.items.slice(1).map(expand) : [];
}

function called(node: Node): string {
  switch (node.kind) {
    case 'number':
      return `the number ${node.value}`;
    case 'text':
      return 'a text';
    case 'symbol':
      return `the name ${JSON.stringify(node.name)}`;
    case 'operator':
      return `the operator ${node.operator}`;
    case 'list':
      return node.items.length === 0 ? 'empty brackets' : 'a list';
  }
}
