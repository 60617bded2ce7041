// Long because it recognises every form, and says what is wrong with each.

import type { KeywordNode, ListNode, Node, SymbolNode } from '../text/ast.ts';
import { type Builtin, builtinNamed, BUILTINS, type LoopOperation, OPERATORS } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Attribute, Clause, Expression, Grant, Let, Malformed, Variable, Window } from './forms.ts';
import { MAX_ARGUMENTS } from '../limits/limits.ts';
import { METHODS } from '../builtins/methods.ts';
import { called, literal, malformed, misplacedUnit, name, reference } from './atoms.ts';
import { expandCase } from './expand-case.ts';
import { expandHysteresis } from './expand-hysteresis.ts';
import { expandParam, type FormParts } from './expand-param.ts';
import { bindingFault, firstPartLast, heldOrder, meantBodies, meantForm, shown } from './meant-forms.ts';

const CALCULATED_LIST =
  'with is (with LIST NAME BODY), of a list that has a name; of any other write (map LIST NAME BODY)';

/** Forms with any number of bodies. */
const BODIES: ReadonlySet<Builtin['form']> = new Set<Builtin['form']>([
  'block',
  'let',
  'because',
  'pace',
  'define',
  'with',
  'loop',
  'fold',
  'hand-out',
]);

/** Recognises the forms of the language in nodes. Errors become {@link Malformed}, never exceptions. */
export class Expander {
  readonly #claimed: ReadonlySet<string>;

  constructor(claimed: ReadonlySet<string> = new Set()) {
    this.#claimed = claimed;
  }

  topLevel(node: Node): Expression {
    return node.kind === 'list' ? this.#list(node, true) : this.expand(node);
  }

  expand = (node: Node): Expression => {
    switch (node.kind) {
      case 'number':
        return literal(node);
      case 'text':
        return literal(node);
      case 'symbol':
        return reference(node);
      case 'operator':
        return malformed(node, catalogue.operatorAlone(node.operator));
      case 'keyword':
        return malformed(node, catalogue.keywordAlone(node.name));
      case 'list':
        return this.#list(node, false);
    }
  };

  /** The arguments of a list as expressions, for a call of a variable that hides the builtin. */
  argumentsOf(node: Node): readonly Expression[] {
    return node.kind === 'list' ? node.items.slice(1).map(this.expand) : [];
  }

  #list(node: ListNode, topLevel: boolean): Expression {
    const [first, ...rest] = node.items;
    if (first === undefined) return malformed(node, catalogue.emptyList());
    if (first.kind === 'operator')
      return this.#builtin(node, OPERATORS.get(first.operator) ?? '', first.operator, rest, topLevel);
    if (first.kind !== 'symbol') {
      const [between, last] = rest;
      const operator = last && between ? betweenValues(between) : null;
      if (last && between && operator !== null)
        return malformed(node, catalogue.operatorAlone(operator, shown(first, 'A'), shown(last, 'B')), null, between);
      return malformed(node, catalogue.notCallable(called(first)));
    }
    const claimed = this.#claimed.has(first.name);
    if (BUILTINS.has(first.name) && !claimed) return this.#builtin(node, first.name, first.name, rest, topLevel);
    if (rest.length > MAX_ARGUMENTS) return malformed(node, catalogue.tooManyArguments(rest.length, MAX_ARGUMENTS));
    const callee: Variable | Attribute | null = claimed ? null : name(first);
    const items = node.items;
    const args = rest.map((each, at) => this.#argument(each, items[at], items[at + 2]));
    if (callee?.kind === 'attribute') return this.#method(node, callee, rest, args);
    return { kind: 'call', name: first.name, args, span: node.span };
  }

  /** An operator between two arguments, as in `(Host.mem_free < 4GiB)`. */
  #argument(node: Node, before: Node | undefined, after: Node | undefined): Expression {
    if (node.kind !== 'operator' || !before || !after) return this.expand(node);
    return malformed(node, catalogue.operatorAlone(node.operator, shown(before, 'A'), shown(after, 'B')));
  }

  /** `(vm.StatMin "field" :over 30s)`: the keyword and its value are not arguments. */
  #method(node: ListNode, callee: Attribute, rest: readonly Node[], args: readonly Expression[]): Expression {
    const at = rest.findIndex(({ kind }) => kind === 'keyword');
    if (at === -1) return { kind: 'method', callee, args, window: null, span: node.span };
    const [keyword, value, ...more] = rest.slice(at);
    const accepted = METHODS.get(callee.attribute)?.windows ?? [];
    const kind = accepted.find((each) => keyword?.kind === 'keyword' && each === keyword.name);
    if (keyword?.kind !== 'keyword' || kind === undefined) {
      const given = (keyword as KeywordNode).name;
      return malformed(node, catalogue.unknownKeyword(given, callee.attribute, accepted), null, keyword);
    }
    if (value === undefined || value.kind === 'keyword')
      return malformed(node, catalogue.keywordValue(keyword.name), null, keyword);
    if (more.length > 0)
      return (
        misplacedUnit(node, [value, ...more]) ?? malformed(node, catalogue.afterKeyword(keyword.name), null, more[0])
      );
    const window: Window = { kind, value: this.expand(value), span: keyword.span };
    return { kind: 'method', callee, args: args.slice(0, at), window, span: node.span };
  }

  #builtin(node: ListNode, head: string, written: string, rest: readonly Node[], topLevel: boolean): Expression {
    const builtin = builtinNamed(head);
    const form = { head, node, span: node.span };
    if (head === 'eval' && written === 'eval' && rest.length === 0) return malformed(node, catalogue.emptyList(), head);
    if (head === 'hysteresis') return expandHysteresis(rest, form, this.expand);
    if (rest.length < builtin.minArguments || rest.length > builtin.maxArguments) {
      const meant = meantForm(node, builtin, head, rest);
      if (meant) return meant;
      const fault = catalogue.arity(
        written,
        builtin.minArguments,
        builtin.maxArguments,
        rest.length,
        builtin.signature,
      );
      return malformed(node, fault, head);
    }
    // Bodies do not count as arguments.
    const counted = BODIES.has(builtin.form) ? 0 : rest.length;
    if (counted > MAX_ARGUMENTS) return malformed(node, catalogue.tooManyArguments(counted, MAX_ARGUMENTS), head);
    // The counts were checked above.
    const [a, b, c] = rest as [Node, Node, Node];
    switch (builtin.form) {
      case 'plain':
        return { kind: 'apply', builtin, args: rest.map(this.expand), ...form };
      case 'if':
        return {
          kind: 'if',
          condition: this.expand(a),
          consequent: this.expand(b),
          alternative: this.expand(c),
          ...form,
        };
      case 'logic':
        return { kind: 'logic', operator: head === 'and' ? 'and' : 'or', args: rest.map(this.expand), ...form };
      case 'block':
        return { kind: 'block', body: rest.map(this.expand), ...form };
      case 'cond':
        return this.#cond(rest, form);
      case 'case':
        return expandCase(rest, form, this.expand);
      case 'loop':
        return this.#loop(head as LoopOperation, rest, form);
      case 'fold':
        return this.#fold(rest, form);
      case 'hand-out':
        return this.#handOut(rest, form);
      case 'because':
        return (
          firstPartLast(node, head, rest) ?? {
            kind: 'because',
            reason: this.expand(a),
            body: rest.slice(1).map(this.expand),
            ...form,
          }
        );
      case 'held':
        return (
          heldOrder(node, [a, b, c]) ?? {
            kind: 'held',
            key: this.expand(a),
            condition: this.expand(b),
            duration: this.expand(c),
            ...form,
          }
        );
      case 'pace':
        return (
          firstPartLast(node, head, rest) ?? {
            kind: 'pace',
            mode: head === 'every' ? 'every' : 'cooldown',
            duration: this.expand(a),
            body: rest.slice(1).map(this.expand),
            ...form,
          }
        );
      case 'param':
        return topLevel ? expandParam(rest, form) : malformed(node, catalogue.paramInside(), head);
      case 'let':
        return this.#let(node, a, rest.slice(1));
      case 'with': {
        if (a.kind !== 'symbol')
          return malformed(node, catalogue.nameWanted('with', called(a), CALCULATED_LIST), head, a);
        if (b.kind !== 'symbol')
          return malformed(node, catalogue.nameWanted('with', called(b), builtin.signature), head, b);
        return { kind: 'with', list: name(a), variable: b.name, body: this.#bodies(rest.slice(2), form), ...form };
      }
      case 'define': {
        if (a.kind !== 'symbol') return malformed(node, catalogue.nameWanted(written, called(a)), head);
        return {
          kind: 'define',
          name: a.name,
          parameters: parametersOf(a.name, b),
          body: this.#bodies(rest.slice(2), form),
          ...form,
        };
      }
      case 'defvar':
      case 'assign': {
        if (a.kind !== 'symbol') return malformed(node, catalogue.nameWanted(written, called(a)), head);
        return { kind: builtin.form, name: a.name, value: this.expand(b), ...form };
      }
    }
  }

  #let(node: ListNode, list: Node, body: readonly Node[]): Expression {
    if (list.kind !== 'list') return malformed(node, catalogue.bindingsWanted(called(list)), 'let');
    if (list.items.length > MAX_ARGUMENTS)
      return malformed(node, catalogue.tooManyArguments(list.items.length, MAX_ARGUMENTS), 'let');
    const bindings: Let['bindings'][number][] = [];
    for (const pair of list.items) {
      if (pair.kind !== 'list' || pair.items.length !== 2) {
        const unit = pair.kind === 'list' ? misplacedUnit(node, pair.items, 'let') : null;
        if (unit) return unit;
        const { at, fault } = bindingFault(pair);
        return malformed(node, fault, 'let', at);
      }
      const [variable, value] = pair.items as [Node, Node];
      if (variable.kind !== 'symbol') return malformed(node, catalogue.nameWanted('let', called(variable)), 'let');
      bindings.push({ name: variable.name, value: this.expand(value), span: variable.span });
    }
    return { kind: 'let', bindings, body: body.map(this.expand), head: 'let', node, span: node.span };
  }

  #cond(rest: readonly Node[], form: FormParts): Expression {
    const clauses: Clause[] = [];
    for (const [at, clause] of rest.entries()) {
      if (clause.kind !== 'list' || clause.items.length === 0)
        return malformed(form.node, catalogue.clauseWanted(called(clause)), 'cond', clause);
      const [test, ...body] = clause.items as [Node, ...Node[]];
      if (test.kind === 'operator')
        return malformed(form.node, catalogue.testInBrackets(test.operator), 'cond', clause);
      const isElse = test.kind === 'symbol' && test.name === 'else';
      if (isElse && (body.length === 0 || at < rest.length - 1))
        return malformed(form.node, catalogue.elseLast(), 'cond', clause);
      clauses.push({ test: isElse ? null : this.expand(test), body: body.map(this.expand), span: clause.span });
    }
    return { kind: 'cond', clauses, ...form };
  }

  #loop(operation: LoopOperation, rest: readonly Node[], form: FormParts): Expression {
    const [list, variable, ...bodies] = rest as [Node, Node?, ...Node[]];
    if (variable === undefined)
      return { kind: 'loop', operation, list: this.expand(list), each: null, carried: null, ...form };
    if (variable.kind !== 'symbol') return noName(variable, form);
    if (bodies.length === 0)
      return malformed(
        form.node,
        catalogue.arity(operation, 3, Infinity, 2, builtinNamed(operation).signature),
        operation,
      );
    return {
      kind: 'loop',
      operation,
      list: this.expand(list),
      each: { variable: variable.name, span: variable.span, body: this.#bodies(bodies, form) },
      carried: null,
      ...form,
    };
  }

  /** `(fold LIST NAME ACC INITIAL BODY …)` */
  #fold(rest: readonly Node[], form: FormParts): Expression {
    const [list, variable, accumulator, initial, ...bodies] = rest as [Node, Node, Node, Node, ...Node[]];
    if (variable.kind !== 'symbol') return noName(variable, form);
    if (accumulator.kind !== 'symbol') return noName(accumulator, form);
    return {
      kind: 'loop',
      operation: 'fold',
      list: this.expand(list),
      each: { variable: variable.name, span: variable.span, body: this.#bodies(bodies, form) },
      carried: { name: accumulator.name, span: accumulator.span, initial: this.expand(initial) },
      ...form,
    };
  }

  /** `(hand-out BUDGET LIST NAME GRANTED WANT BODY …)` */
  #handOut(rest: readonly Node[], form: FormParts): Expression {
    const [budget, list, variable, granted, want, ...bodies] = rest as [Node, Node, Node, Node, Node, ...Node[]];
    if (variable.kind !== 'symbol') return noName(variable, form);
    if (granted.kind !== 'symbol') return noName(granted, form);
    const body: Grant = {
      kind: 'grant',
      want: this.expand(want),
      name: granted.name,
      nameSpan: granted.span,
      body: this.#bodies(bodies, form),
      ...sequenceOf([want, ...bodies]),
    };
    return {
      kind: 'loop',
      operation: 'hand-out',
      list: this.expand(list),
      each: { variable: variable.name, span: variable.span, body },
      carried: { name: null, span: budget.span, initial: this.expand(budget) },
      ...form,
    };
  }

  /** The bodies of a form as one expression. */
  #bodies(nodes: readonly Node[], { node, head }: FormParts): Expression {
    const [only, ...more] = nodes as [Node, ...Node[]];
    if (more.length === 0) return this.expand(only);
    return meantBodies(node, head, nodes) ?? { kind: 'block', body: nodes.map(this.expand), ...sequenceOf(nodes) };
  }
}

/** The source of an expression that is made of consecutive parts of a form. It has no name that a variable could hide. */
function sequenceOf(nodes: readonly Node[]): FormParts {
  const [first, last] = [nodes[0] as Node, nodes.at(-1) as Node];
  const span = { ...first.span, end: last.span.end };
  return { head: '', node: Object.freeze({ kind: 'list', items: Object.freeze(nodes), span }), span };
}

function noName(node: Node, { node: form, head }: FormParts): Malformed {
  return malformed(form, catalogue.nameWanted(head, called(node), builtinNamed(head).signature), head, node);
}

function parametersOf(functionName: string, list: Node): readonly string[] | Fault {
  if (list.kind !== 'list')
    return catalogue.parametersWanted(functionName, called(list), list.kind === 'symbol' ? list.name : null);
  if (list.items.length > MAX_ARGUMENTS) return catalogue.tooManyArguments(list.items.length, MAX_ARGUMENTS);
  const wrong = list.items.find((item) => item.kind !== 'symbol');
  if (wrong) return catalogue.parametersWanted(functionName, called(wrong));
  return list.items.map((item) => (item as SymbolNode).name);
}

/** An operator, `and` or `or`, which may stand between values: `((< a 1) and (> b 2))`. */
function betweenValues(node: Node): string | null {
  if (node.kind === 'operator') return node.operator;
  return node.kind === 'symbol' && (node.name === 'and' || node.name === 'or') ? node.name : null;
}
