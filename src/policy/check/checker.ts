// Long because every kind of name has its own check, with what may have been meant.

import { ArgumentOrder } from './argument-order.ts';
import { BUILTINS } from '../builtins/builtins.ts';
import { FUNCTION_VALUES, PREDEFINED } from '../builtins/function-values.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Diagnostic } from '../messages/diagnostics.ts';
import type { Fault } from '../messages/fault.ts';
import type { Attribute, Call, Define, Expression, MethodCall, Variable } from '../forms/forms.ts';
import type { Kind, Kinds } from '../forms/kinds.ts';
import { type Method, METHODS } from '../builtins/methods.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import { suggest } from '../../support/suggest.ts';
import { unitBehind, strayUnitIn } from '../text/meant-unit.ts';
import { spanText, type Span } from '../text/source.ts';
import type { Report } from '../messages/report.ts';
import type { DeclaredNames } from './declared-names.ts';
import { NODE_ATTRIBUTES } from '../builtins/numa-nodes.ts';
import { OWNERS, type Owner } from '../values/owner.ts';
import { checkControlValue } from './control-value.ts';
import { checkDuration } from './plain-duration.ts';
import { isInfix, swappedList } from './meant-names.ts';
import {
  calledField,
  foreignValue,
  joinedNames,
  NAMED,
  unknownControl,
  unknownField,
  unknownFunction,
  unknownMethod,
  unknownOfNode,
} from './unknown-names.ts';

/** Checks expressions one by one: whether names exist and arguments fit. */
export class Checker {
  readonly #names: Names;
  /** Names that a malformed form was meant to define; uses of them are not reported. */
  readonly #intended: ReadonlySet<string>;
  readonly #declared: DeclaredNames;
  readonly #kinds: Kinds;
  readonly #report: Report;
  readonly #order: ArgumentOrder;
  /** Variables where a method expects a quoted name, with the method call. */
  readonly #unquoted = new Map<Expression, MethodCall>();
  /** Expressions where a function may be passed as a value. */
  readonly #passedOn = new Set<Expression>();
  readonly #labels = new Set<Expression>();

  constructor(names: Names, meant: ReadonlySet<string>, declared: DeclaredNames, kinds: Kinds, report: Report) {
    this.#names = names;
    this.#intended = meant;
    this.#declared = declared;
    this.#kinds = kinds;
    this.#report = report;
    this.#order = new ArgumentOrder(names);
  }

  visit(expression: Expression): void {
    switch (expression.kind) {
      case 'malformed':
        if (expression.head === null || !mayBeHidden(expression.head, this.#names))
          this.#error(expression.span, () => expression.fault);
        break;
      case 'apply':
        if (expression.builtin.name === 'tagged') for (const each of expression.args) this.#labels.add(each);
        break;
      case 'with':
      case 'loop': {
        const list = swappedList(expression);
        if (list && !this.#names.bound.has(list.name))
          this.#error(list.span, () => catalogue.listFirst(expression.head, list.name));
        break;
      }
      case 'held':
      case 'pace':
        checkDuration(expression.duration, this.#report);
        break;
      case 'variable':
        this.#variable(expression);
        break;
      case 'attribute':
        this.#attribute(expression);
        break;
      case 'defvar':
        this.#passedOn.add(expression.value);
        break;
      case 'let':
        for (const { value } of expression.bindings) this.#passedOn.add(value);
        break;
      case 'assign':
        this.#passedOn.add(expression.value);
        if (!this.#exists(expression.name)) this.#error(expression.span, () => this.#notSettable(expression.name));
        break;
      case 'define':
        this.#define(expression);
        break;
      case 'call':
        this.#call(expression);
        break;
      case 'method':
        this.#method(expression);
        break;
      default:
        break;
    }
  }

  #error(span: Span, make: () => Fault, severity: Diagnostic['severity'] = 'error'): void {
    this.#report(severity, span, make);
  }

  /** Reports a wrong number of arguments, or an unknown unit that counts as one. A unit directly after its number is already reported. */
  #arity(args: readonly Expression[], span: Span, make: () => Fault): void {
    const unit = strayUnitIn(args);
    if (!unit) this.#error(span, make);
    else if (!unit.isGlued || this.#exists(unit.name))
      this.#error(unit.span, () => catalogue.unknownUnit('wrong-arity', unit));
  }

  #exists(name: string): boolean {
    return this.#names.bound.has(name) || PREDEFINED.has(name) || this.#intended.has(name);
  }

  #variables(): string[] {
    return [...this.#names.bound, ...PREDEFINED];
  }

  #variable(expression: Variable): void {
    const { name, span } = expression;
    if (name === 'nil' || this.#exists(name)) return;
    const unit = unitBehind(span);
    if (unit) return this.#error(unit.span, () => catalogue.unknownUnit('unknown-name', unit));
    this.#error(span, () => {
      const fieldOf = OWNERS.find((owner) => this.#declared.fields[owner].has(name));
      const controlOf = OWNERS.find((owner) => this.#declared.controls[owner].has(name));
      const call = this.#unquoted.get(expression);
      const what = call && METHODS.get(call.callee.attribute)?.names;
      const isDeclared = fieldOf !== undefined || controlOf !== undefined;
      if (call && what && (isDeclared || suggest(name, this.#variables()) === null))
        return catalogue.unquoted(name, NAMED[what], call.callee.name);
      if (this.#labels.has(expression)) return catalogue.unquotedLabel(name);
      if (controlOf && !fieldOf) return catalogue.bareControl(name, controlOf === 'host' ? 'Host' : 'GUEST');
      if (fieldOf) return catalogue.bareField(name, fieldOf === 'host' ? 'Host' : 'GUEST');
      return (
        joinedNames(name, (part) => this.#exists(part)) ??
        foreignValue(name) ??
        (BUILTINS.has(name) && !this.#names.functions.has(name) ? catalogue.bareBuiltin(name) : null) ??
        catalogue.unknownName(name, suggest(name, [...this.#variables(), 'nil']), this.#names.functions.has(name))
      );
    });
  }

  #attribute(expression: Attribute): void {
    const { name, root, attribute, span } = expression;
    if (!this.#root(name, root, span)) return;
    if (this.#isNode(root)) {
      if (!NODE_ATTRIBUTES.has(attribute)) this.#error(span, () => unknownOfNode(attribute));
      return;
    }
    const owners = this.#owners(root);
    if (METHODS.has(attribute)) {
      if (!this.#passedOn.has(expression)) this.#error(span, () => catalogue.bareMethod(name), 'warning');
      return;
    }
    // The samples of an entity, as in MOM.
    if (attribute === 'statistics' && owners.length > 0) return;
    if (this.#mayBePlain(root, attribute) || owners.some((owner) => this.#declared.fields[owner].has(attribute)))
      return;
    this.#error(span, () => unknownField(this.#declared, attribute, owners, root, name));
  }

  /** Whether the part before the dot exists; reports it otherwise. */
  #root(name: string, root: string, span: Span): boolean {
    if (this.#exists(root)) return true;
    this.#error(span, () => {
      const close = suggest(root, this.#variables());
      return this.#names.functions.has(name)
        ? catalogue.unknownName(root, close, true)
        : catalogue.unknownEntity(root, close);
    });
    return false;
  }

  #owners(root: string): readonly Owner[] {
    const kinds = this.#kinds.of(root);
    return kinds.has('any') ? OWNERS : OWNERS.filter((owner) => kinds.has(owner));
  }

  /** Whether a name holds nothing but NUMA nodes. */
  #isNode(root: string): boolean {
    const kinds = this.#kinds.of(root);
    return kinds.size === 1 && kinds.has('node');
  }

  #notSettable(name: string): Fault {
    const [root = '', attribute = ''] = name.split('.');
    if (this.#isControl(attribute, root)) return catalogue.controlIsSet(attribute, root);
    return catalogue.notSettable(name, suggest(name, this.#variables()));
  }

  #isControl(name: string, root: string): boolean {
    return this.#exists(root) && this.#owners(root).some((owner) => this.#declared.controls[owner].has(name));
  }

  #mayBePlain(root: string, attribute: string): boolean {
    const kinds = this.#kinds.of(root);
    return (
      this.#declared.plainAttributes.has(attribute) && ['any', 'plain', 'node'].some((kind) => kinds.has(kind as Kind))
    );
  }

  #define({ name, head, parameters, node, span }: Define): void {
    if (!Array.isArray(parameters)) {
      const list = node.kind === 'list' ? node.items[2] : undefined;
      this.#error(list?.span ?? span, () => parameters as Fault);
    }
    if (BUILTINS.get(name)?.since === 'mom' || FUNCTION_VALUES.has(name))
      this.#error(span, () => catalogue.hiddenFunction(head, name), 'warning');
  }

  #call(call: Call): void {
    const { name, args, span } = call;
    if (!FUNCTION_VALUES.has(name)) for (const argument of args) this.#passedOn.add(argument);
    if (mayBeHidden(name, this.#names) || isInfix(args)) return;
    const predefined = FUNCTION_VALUES.get(name);
    if (predefined) {
      const { minArguments, maxArguments, signature } = predefined;
      if (args.length < minArguments || args.length > maxArguments)
        this.#arity(args, span, () => catalogue.arity(name, minArguments, maxArguments, args.length, signature));
      return;
    }
    if (!this.#userFunction(name, args, span) && !this.#intended.has(name)) {
      this.#error(span, () =>
        unknownFunction(name, [...this.#names.functions.keys(), ...BUILTINS.keys(), ...FUNCTION_VALUES.keys()]),
      );
    }
  }

  /** Checks a call of a user function; false if no function has the name. */
  #userFunction(name: string, args: readonly Expression[], span: Span): boolean {
    const definitions = this.#names.functions.get(name);
    if (!definitions) return false;
    const arities = definitions.map(({ parameters }) => (Array.isArray(parameters) ? parameters.length : args.length));
    if (!arities.includes(args.length)) {
      const parameters = definitions[0]?.parameters as readonly string[];
      const [least, most] = [Math.min(...arities), Math.max(...arities)];
      const signature = `(${[name, ...parameters].join(' ')})`;
      this.#arity(args, span, () => catalogue.arity(name, least, most, args.length, signature));
    }
    for (const { argument, parameter } of this.#order.captured(definitions, args, span)) {
      this.#error(argument.span, () => catalogue.capturedArgument(parameter, name), 'warning');
    }
    return true;
  }

  #method(call: MethodCall): void {
    const { callee, args, span } = call;
    const { name, root, attribute } = callee;
    if (isInfix(args) || this.#userFunction(name, args, span) || !this.#root(name, root, callee.span)) return;
    const method = METHODS.get(attribute);
    if (method && args[0]) this.#unquoted.set(args[0], call);
    const owners = this.#owners(root);
    if (call.window?.kind === 'over') checkDuration(call.window.value, this.#report);
    if (method) this.#knownMethod(method, args, owners, span);
    else if (owners.some((owner) => this.#declared.fields[owner].has(attribute))) {
      this.#error(callee.span, () => calledField(callee, args));
    } else if (this.#isControl(attribute, root)) {
      this.#error(callee.span, () => catalogue.controlIsSet(attribute, root));
    } else if (!this.#mayBePlain(root, attribute)) {
      this.#error(callee.span, () => unknownMethod(attribute));
    }
  }

  #knownMethod(method: Method, args: readonly Expression[], owners: readonly Owner[], span: Span): void {
    const { minArguments, maxArguments, signature } = method;
    if (args.length < minArguments || args.length > maxArguments) {
      const window = method.windows.length > 1 && args.length === method.maxArguments + 1 ? args.at(-1) : undefined;
      if (window?.kind === 'literal' && typeof window.value === 'number') {
        return this.#error(window.span, () =>
          catalogue.windowWanted(method.name, spanText(window.span), window.base === 's'),
        );
      }
      this.#arity(args, span, () =>
        catalogue.methodArity(method.name, minArguments, maxArguments, args.length, signature),
      );
      return;
    }
    const [first, second] = args;
    if (method.names === 'param' && first?.kind === 'variable' && this.#declared.params.has(first.name))
      this.#error(first.span, () => catalogue.paramInQuotes(first.name));
    if (first?.kind !== 'literal' || first.value === null || owners.length === 0) return;
    const name = String(first.value);
    const severity = typeof first.value === 'string' ? 'error' : 'warning'; // MOM takes a number for a name.
    switch (method.names) {
      case 'field':
        if (!owners.some((each) => this.#declared.fields[each].has(name)))
          this.#error(first.span, () => unknownField(this.#declared, name, owners, ''), severity);
        break;
      case 'prop': {
        const known = owners.flatMap((each) => [...this.#declared.props[each]]);
        if (!method.effect && !known.includes(name))
          this.#error(first.span, () => catalogue.unknownProp(name, suggest(name, known), known), severity);
        break;
      }
      case 'param': {
        const known = [...this.#declared.params];
        if (!known.includes(name))
          this.#error(first.span, () => catalogue.unknownParam(name, suggest(name, known), known), severity);
        break;
      }
      case 'control': {
        const known = owners.flatMap((each) => [...this.#declared.controls[each].values()]);
        const control = known.find((each) => each.name === name);
        if (!control) this.#error(first.span, () => unknownControl(this.#declared, name, owners), severity);
        else if (second) checkControlValue(control, second, this.#report);
        break;
      }
      case 'variable':
        break;
    }
  }
}
