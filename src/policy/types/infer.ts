import type { Vocabulary } from '../../model/vocabulary.ts';
import { BUILTINS, FUNCTION_VALUES, PREDEFINED } from '../builtins.ts';
import { catalogue } from '../catalogue.ts';
import type { Fault } from '../diagnostics.ts';
import {
  unreachable, type Apply, type Attribute, type Call, type Cond, type Define, type Expression, type If, type Let, type Literal, type Logic, type Loop, type MethodCall,
  type Variable, type With,
} from '../forms/forms.ts';
import { METHODS } from '../functions/methods.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import { PLAIN_ATTRIBUTES } from '../values/plain-attributes.ts';
import type { Span } from '../text/source.ts';
import { Flow, type Binding, type Consequences, type Fact, type Place } from './flow.ts';
import { FreeNames } from './free-names.ts';
import { comparedLiterals } from './literal-truth.ts';
import { isFilled, loopType } from './loops.ts';
import { measureOf, PLAIN, SECONDS } from './measure.ts';
import { Operands, operandText, type Report } from './operands.ts';
import { conjunction, consequences, empty, equality, not, notNil, outcome, reading, swapped, valid, type Outcome } from './outcome.ts';
import { ProgramTypes, type Part } from './program-types.ts';
import { Readings } from './readings.ts';
import {
  ANYTHING, BOOLEAN, describeType, ENTITY, FUNCTION, has, isUnknown, join, LIST, mayBeNil, NEVER, NIL, NIL_TYPE, NUMBER, numberOf, NUMERIC, OPEN, TEXT, TEXT_TYPE, textOf, TRUTH, UNKNOWN, withKinds,
  withSure, without, type Type,
} from './type.ts';

/** The types of a program's expressions. */
export interface TypeTable {
  /** undefined: the expression is never reached, or none of the program's. */
  typeOf(expression: Expression): Type | undefined;
}

/** Infers the types of a whole program, and reports what does not go together. */
export function inferTypes(files: readonly (readonly Expression[])[], names: Names, vocabulary: Vocabulary, report: Report): TypeTable {
  const types = new ProgramTypes(names);
  const inference = new Inference(types, names, new Readings(vocabulary), files, report);
  for (let part = types.next(); part !== undefined; part = types.next()) inference.look(part);
  return inference.conclude();
}

/** Calls in calls that are followed at once; the others wait for their turn. */
const DEPTH = 20;

/** The functions that take nil. */
const TAKES_NIL: ReadonlySet<string> = new Set(['not', 'null', 'valid', 'eq', 'neq', 'list', 'format']);

class Inference implements TypeTable {
  readonly #program: ProgramTypes;
  readonly #names: Names;
  readonly #readings: Readings;
  readonly #files: readonly (readonly Expression[])[];
  readonly #free: FreeNames;
  readonly #report: Report;
  readonly #types = new Map<Expression, Type>();
  /** Whether nothing changes any more: now is reported. */
  #concluding = false;
  /** Depth of parts that are never evaluated, and about which nothing is said. */
  #dead = 0;
  /** Whether what is certainly wrong may never run. */
  #lenient = false;
  #part: Part = 'top level';
  /** The `and` or `or` whose argument is evaluated in any case, because it can have an effect. */
  #logic: string | null = null;
  /** Parts that are being looked at, each for a call in the one before. */
  #depth = 0;
  #scopes = 0;
  #versions = 0;
  /** How often something may have changed variables. */
  #epoch = 0;
  /** How often something may have been stored or asked for. */
  #stored = 0;

  constructor(program: ProgramTypes, names: Names, readings: Readings, files: readonly (readonly Expression[])[], report: Report) {
    this.#program = program;
    this.#names = names;
    this.#readings = readings;
    this.#files = files;
    this.#report = report;
    this.#free = new FreeNames(names);
  }

  typeOf(expression: Expression): Type | undefined {
    return this.#types.get(expression);
  }

  /** Looks at a part with what is known by now. */
  look(part: Part): void {
    const [outer, logic, epoch, stored] = [this.#part, this.#logic, this.#epoch, this.#stored];
    this.#part = part;
    this.#logic = null;
    this.#depth += 1;
    if (part === 'top level') this.#topLevel();
    else this.#function(part);
    this.#depth -= 1;
    [this.#part, this.#logic, this.#epoch, this.#stored] = [outer, logic, epoch, stored];
  }

  /** The last look at everything: the types stand. */
  conclude(): TypeTable {
    this.#concluding = true;
    this.look('top level');
    for (const [definition, { reached }] of this.#program.functions()) {
      this.#lenient = !reached;
      this.look(definition);
    }
    return this;
  }

  #topLevel(): void {
    const flow = new Flow(0);
    for (const file of this.#files) {
      this.#sequence(file, flow);
      flow.forgetFacts();
    }
  }

  #function(definition: Define): void {
    const { parameters } = definition;
    const known = this.#program.of(definition);
    const flow = new Flow(++this.#scopes);
    if (Array.isArray(parameters)) {
      // The first of a name counts.
      (parameters as readonly string[]).forEach((name, index) => {
        if (flow.binding(name)) return;
        const given = known.parameters[index] as Type;
        this.#bind(name, outcome(this.#seen(given)), flow);
        this.#program.give(name, definition, given);
      });
    }
    for (const [name, readings] of known.sure ?? []) {
      if (flow.binding(name)) continue;
      for (const reading of readings) flow.learn({ place: { root: this.#root(name, flow), reading }, kinds: ~NIL });
    }
    this.#program.answer(definition, this.#infer(definition.body, flow).type);
  }

  /** Where nothing has arrived in the end, anything may. */
  #seen(type: Type): Type {
    return type.kinds === 0 && this.#concluding ? ANYTHING : type;
  }

  #sequence(body: readonly Expression[], flow: Flow): Outcome {
    let last = outcome(NIL_TYPE);
    for (const expression of body) last = this.#infer(expression, flow);
    return last;
  }

  #all(expressions: readonly Expression[], flow: Flow): Outcome[] {
    return expressions.map((expression) => this.#infer(expression, flow));
  }

  #infer(expression: Expression, flow: Flow): Outcome {
    const found = this.#hidden(expression) ? this.#hiddenForm(expression, flow) : this.#visible(expression, flow);
    if (this.#concluding) this.#types.set(expression, found.type);
    return found;
  }

  /** Whether a variable may take the place of the language's function: one of MOM's whatever it holds, one of ours if it can be called. */
  #hidden(expression: Expression): boolean {
    if (!('head' in expression) || expression.head === null || !mayBeHidden(expression.head, this.#names)) return false;
    if (BUILTINS.get(expression.head)?.since === 'mom') return true;
    return has(this.#program.global(expression.head, this.#part), FUNCTION | UNKNOWN);
  }

  #hiddenForm(expression: Expression, flow: Flow): Outcome {
    this.#unheard(() => this.#visible(expression, flow.branch()));
    this.#changed();
    return outcome(ANYTHING);
  }

  #visible(expression: Expression, flow: Flow): Outcome {
    switch (expression.kind) {
      case 'literal':
        return literal(expression);
      case 'variable':
        return this.#variable(expression, flow);
      case 'attribute':
        return this.#attribute(expression, flow);
      case 'if':
        return this.#if(expression, flow);
      case 'cond':
        return this.#cond(expression, flow);
      case 'logic':
        return this.#and(expression, flow);
      case 'block':
        return this.#sequence(expression.body, flow);
      case 'let':
        return this.#let(expression, flow);
      case 'with':
        return this.#loop(expression, 'map', expression.list, { variable: expression.variable, body: expression.body }, flow);
      case 'loop':
        return this.#loop(expression, expression.operation, expression.list, expression.each, flow);
      case 'define':
        return outcome(textOf(expression.name));
      case 'defvar':
        return this.#defvar(expression, expression.name, this.#infer(expression.value, flow), flow);
      case 'param':
        return this.#defvar(expression, expression.name, outcome({ ...literal(expression.value).type, constant: null }), flow);
      case 'assign':
        return this.#assign(expression.name, expression, this.#infer(expression.value, flow), flow);
      case 'because':
        this.#operands('because', [expression.reason], flow).one(0, TEXT, 'a text that says why');
        return this.#sequence(expression.body, flow);
      case 'held': {
        this.#operands('held-for', [expression.key], flow).one(0, TEXT, 'a name in quotes first');
        this.#infer(expression.condition, flow);
        this.#duration('held-for', expression.duration, flow);
        return outcome(TRUTH);
      }
      case 'pace': {
        this.#duration(expression.mode, expression.duration, flow);
        const inner = flow.branch();
        const { type } = this.#sequence(expression.body, inner);
        this.#mergeEither(flow, inner, flow.branch());
        return outcome(join(NIL_TYPE, type));
      }
      case 'apply':
        return this.#apply(expression, flow);
      case 'call':
        return this.#call(expression, flow);
      case 'method':
        return this.#method(expression, flow);
      case 'malformed':
        return outcome(ANYTHING);
      default:
        return unreachable(expression);
    }
  }

  // Names

  #variable({ name }: Variable, flow: Flow): Outcome {
    const binding = this.#bindingOf(name, flow);
    const place: Place = { root: this.#root(name, flow), reading: '' };
    const type = this.#seen(binding?.type ?? this.#global(name));
    const narrowed = withSure(without(type, ~flow.kindsAt(place)), flow.sureOf(place.root));
    return reading(narrowed, binding ? [place, ...binding.from] : [place], binding?.when ?? null, false);
  }

  #global(name: string): Type {
    if (!this.#names.bound.has(name) && !PREDEFINED.has(name)) return ANYTHING;
    return this.#program.global(name, this.#part);
  }

  /** The variable that a name means here; undefined when it is bound elsewhere, or when something may have changed it since. */
  #bindingOf(name: string, flow: Flow): Binding | undefined {
    const binding = flow.binding(name);
    return binding && this.#names.changed.has(name) && binding.epoch !== this.#epoch ? undefined : binding;
  }

  #root(name: string, flow: Flow): string {
    const binding = this.#bindingOf(name, flow);
    if (binding) return `${name}@${binding.version}`;
    return this.#names.changed.has(name) ? `${name}@e${this.#epoch}` : `${name}@`;
  }

  #bind(name: string, value: Outcome, flow: Flow, scope = flow.scope): void {
    const { type, when, places } = value;
    flow.bind(name, { type, version: String(++this.#versions), scope, epoch: this.#epoch, when, from: places });
  }

  #defvar(site: object, name: string, value: Outcome, flow: Flow): Outcome {
    // These are in the outermost scope from the beginning.
    if (flow.scope === 0 && PREDEFINED.has(name)) return outcome(this.#global(name));
    const known = flow.binding(name);
    this.#program.give(name, site, value.type);
    if (known?.scope === flow.scope) return outcome(known.type);
    this.#bind(name, value, flow);
    return outcome(value.type);
  }

  #assign(name: string, site: object, value: Outcome, flow: Flow): Outcome {
    const known = flow.binding(name);
    this.#program.give(name, site, value.type);
    if (known) this.#bind(name, value, flow, known.scope);
    else this.#epoch += 1;
    return outcome(value.type);
  }

  #attribute({ root, attribute, span }: Attribute, flow: Flow): Outcome {
    const entity = this.#entity(root, flow);
    if (mayBeNil(entity) && entity.kinds !== NIL) this.#say('warning', span, () => catalogue.nilEntity(root, attribute));
    if (!PLAIN_ATTRIBUTES.has(attribute)) this.#mustBeEntity(`.${attribute}`, entity, span);
    return this.#readingOf(root, attribute, this.#readings.attribute(entity, attribute), entity, flow);
  }

  #entity(root: string, flow: Flow): Type {
    const binding = this.#bindingOf(root, flow);
    const place: Place = { root: this.#root(root, flow), reading: '' };
    const type = without(this.#seen(binding?.type ?? this.#global(root)), ~flow.kindsAt(place));
    return type;
  }

  /** A warning only: where the value has no such attribute, an outer variable of the name may have it. */
  #mustBeEntity(what: string, { kinds }: Type, span: Span): void {
    const isElse = (kinds & ~(ENTITY | NIL)) !== 0 && (kinds & (UNKNOWN | OPEN)) === 0;
    if (isElse) this.#say('warning', span, () => catalogue.mixedType(what, 'the host or a guest', describeType(withKinds(ANYTHING, kinds))));
  }

  #readingOf(root: string, name: string, declared: Type, entity: Type, flow: Flow): Outcome {
    const place: Place = { root: this.#root(root, flow), reading: name };
    const sure = entity.sure.has(name) ? without(declared, NIL) : declared;
    return reading(without(sure, ~flow.kindsAt(place)), [place], null, declared.kinds !== 0 && !has(declared, NIL | UNKNOWN));
  }

  // Forms

  #if({ condition, consequent, alternative }: If, flow: Flow): Outcome {
    const test = this.#infer(condition, flow);
    this.#constant(test, condition, (always) => `the ${always ? 'third' : 'second'} argument of this if is never evaluated`);
    const when = consequences(test);
    const [yes, no] = [flow.branch(), flow.branch()];
    const a = this.#branch(test.truth !== false, () => this.#infer(consequent, learned(yes, when?.whenTrue)));
    const b = this.#branch(test.truth !== true, () => this.#infer(alternative, learned(no, when?.whenFalse)));
    if (test.truth !== null) {
      flow.absorb(test.truth ? yes : no);
      return test.truth ? a : b;
    }
    this.#mergeEither(flow, yes, no);
    return outcome(join(a.type, b.type));
  }

  #cond({ clauses }: Cond, flow: Flow): Outcome {
    let type: Type | null = null;
    let rest = flow.branch();
    const ends: Flow[] = [];
    let decided = false;
    for (const [at, { test, body, span }] of clauses.entries()) {
      if (decided) this.#say('warning', span, () => catalogue.unreachable('a clause before it is always true'));
      const tested = this.#branch(!decided, () => (test ? this.#infer(test, rest) : outcome(TRUTH, { truth: true, said: true })));
      const isLast = at === clauses.length - 1;
      if (test && !(tested.truth === true && isLast)) this.#constant(tested, test, (always) => (always ? null : 'this clause is never taken'));
      const when = consequences(tested);
      const taken = learned(rest.branch(), when?.whenTrue);
      const runs = !decided && tested.truth !== false;
      const value = this.#branch(runs, () => (body.length > 0 ? this.#sequence(body, taken).type : without(tested.type, NIL)));
      if (runs) {
        ends.push(taken);
        type = type === null ? value : join(type, value);
      }
      rest = learned(rest.branch(), when?.whenFalse);
      if (tested.truth === true) decided = true;
    }
    if (!decided) {
      ends.push(rest);
      type = join(type ?? NEVER, NIL_TYPE);
    }
    if (ends.length === 1) flow.absorb(ends[0] as Flow);
    else this.#uncertain(flow, ends);
    return outcome(type ?? NIL_TYPE);
  }

  #and({ operator, args }: Logic, flow: Flow): Outcome {
    const isAnd = operator === 'and';
    const tested: (Consequences | null)[] = [];
    let inner = flow;
    let type: Type = NEVER;
    let decided = false;
    let truth: boolean | null = isAnd;
    let said = false;
    for (const [at, argument] of args.entries()) {
      const isLast = at === args.length - 1;
      // It is evaluated in any case: what the arguments before it say does not hold for it.
      const always = at > 0 && this.#names.hasEffect(argument);
      const here = always ? flow : inner;
      const outer = this.#logic;
      if (always) this.#logic = operator;
      const found = this.#branch(!decided || always, () => this.#infer(argument, here));
      this.#logic = outer;
      if (!isLast) this.#constant(found, argument, (value) => (value === isAnd ? `it decides nothing in this ${operator}` : `what follows it in this ${operator} decides nothing`));
      said ||= found.said || (!isLast && found.truth !== null);
      const given = isLast ? found.type : isAnd ? falsyPart(found.type) : without(found.type, NIL);
      if (!decided) type = join(type, given);
      if (found.truth === !isAnd) {
        decided = true;
        truth = !isAnd;
      } else if (found.truth === null && !decided) truth = null;
      const when = isAnd ? consequences(found) : swapped(consequences(found));
      tested.push(when);
      if (!isLast) inner = learned(at === 0 ? flow.branch() : inner.branch(), when?.whenTrue);
    }
    const together = conjunction(tested);
    return outcome(type, { when: isAnd ? together : swapped(together), truth, said });
  }

  #let({ bindings, body }: Let, flow: Flow): Outcome {
    const inner = new Flow(++this.#scopes, flow);
    for (const binding of bindings) this.#defvar(binding, binding.name, this.#infer(binding.value, inner), inner);
    const last = this.#sequence(body, inner);
    flow.absorb(inner);
    return outcome(last.type, { truth: last.truth, said: last.said });
  }

  #loop(form: With | Loop, operation: Loop['operation'], list: Expression, each: { readonly variable: string; readonly body: Expression } | null, flow: Flow): Outcome {
    const head = form.kind === 'with' ? 'with' : operation;
    const operands = this.#operands(head, [list], flow);
    operands.one(0, LIST | TEXT, 'a list or a text');
    const listType = operands.type(0);
    const element = elementOf(listType);
    if (!each) return outcome(loopType(operation, listType, element, element, new Operands(head, [list], [element], this.#heard()), isFilled(list) && !has(element, NIL)));
    const { variable, body } = each;
    // The body may run again after its own effects.
    if (this.#names.hasEffect(body)) this.#changed();
    const inner = new Flow(++this.#scopes, flow);
    this.#bind(variable, outcome(element), inner);
    this.#program.give(variable, form, element);
    const root = this.#root(variable, inner);
    const found = this.#infer(body, inner);
    if (this.#names.hasEffect(body)) this.#changed();
    const values = new Operands(head, [body], [found.type], this.#heard());
    const chosen = operation === 'filter' || operation === 'first' ? withSure(element, sureIn(consequences(found)?.whenTrue ?? [], root)) : element;
    // An error in its body can make the value of a guest nil.
    return outcome(loopType(operation, listType, chosen, found.type, values, false));
  }

  // Calls

  #operands(name: string, expressions: readonly Expression[], flow: Flow, found = this.#all(expressions, flow)): Operands {
    return new Operands(name, expressions, found.map(({ type }) => type), this.#heard(), this.#logic);
  }

  #duration(name: string, expression: Expression, flow: Flow): void {
    const operands = this.#operands(name, [expression], flow);
    operands.one(0, NUMERIC, 'a duration');
    operands.inUnit(0, SECONDS, name);
  }

  #apply({ builtin, args, node }: Apply, flow: Flow): Outcome {
    const found = this.#all(args, flow);
    const written = node.kind === 'list' && node.items[0]?.kind === 'operator' ? node.items[0].operator : builtin.name;
    const operands = this.#operands(written, args, flow, found);
    const type = builtin.form === 'plain' ? builtin.types.infer(operands) : ANYTHING;
    // One alone is not looked at by min and max.
    const calculated = TAKES_NIL.has(builtin.name) || args.length === 1 ? [] : notNil(found);
    // Otherwise what follows is not evaluated.
    flow.learnAll(calculated);
    switch (builtin.name) {
      case 'not':
        return outcome(type, not(found[0] as Outcome));
      case 'valid':
        return outcome(type, valid(found));
      case 'null':
        return outcome(type, empty(found));
      case 'eq':
      case 'neq': {
        const pair = found as [Outcome, Outcome];
        const differ = operands.neverEqual;
        const compared = comparedLiterals(builtin.name, args);
        return outcome(type, { when: equality(builtin.name === 'eq', pair), truth: differ ? builtin.name === 'neq' : compared, said: differ });
      }
      default:
        return outcome(type, { when: { whenTrue: calculated, whenFalse: calculated }, truth: comparedLiterals(builtin.name, args) });
    }
  }

  #call(call: Call, flow: Flow): Outcome {
    const { name, args } = call;
    const found = this.#all(args, flow);
    const predefined = FUNCTION_VALUES.get(name);
    if (predefined && !mayBeHidden(name, this.#names)) return this.#predefined(name, args, found, flow);
    const result = this.#userFunction(name, found, flow);
    if (this.#names.hasEffect(call)) this.#changed();
    return outcome(mayBeHidden(name, this.#names) ? ANYTHING : result);
  }

  #predefined(name: string, args: readonly Expression[], found: readonly Outcome[], flow: Flow): Outcome {
    if (name === 'debug') return outcome(found.at(-1)?.type ?? NIL_TYPE);
    const operands = this.#operands(name, args, flow, [...found]);
    operands.each(NUMERIC, 'a number');
    flow.learnAll(notNil(found));
    return outcome(args.length === 1 && has(operands.type(0), NUMBER) && !isUnknown(operands.type(0)) ? numberOf(operands.type(0).measure) : ANYTHING);
  }

  #userFunction(name: string, args: readonly Outcome[], flow: Flow): Type {
    const definitions = (this.#names.functions.get(name) ?? []).filter(({ parameters }) => Array.isArray(parameters) && parameters.length === args.length);
    if (definitions.length === 0) return ANYTHING;
    let type: Type = NEVER;
    for (const definition of definitions) {
      const runs = this.#dead === 0 && !this.#concluding;
      if (runs) this.#program.call(definition, args.map((arg) => arg.type), this.#sureFor(definition, flow), this.#part);
      // Its result is known at once, and what calls it need not be looked at again.
      if (runs && this.#depth < DEPTH && this.#program.takes(definition)) this.look(definition);
      type = join(type, this.#program.of(definition).result);
    }
    return this.#seen(type);
  }

  /** What is known at a call of the names that the callee reads from it. */
  #sureFor(definition: Define, flow: Flow): Map<string, ReadonlySet<string>> {
    const known = new Map<string, ReadonlySet<string>>();
    for (const name of this.#free.of(definition)) {
      const root = this.#root(name, flow);
      const sure = new Set(flow.sureOf(root));
      if ((flow.kindsAt({ root, reading: '' }) & NIL) === 0) sure.add('');
      if (sure.size > 0) known.set(name, sure);
    }
    return known;
  }

  #method(call: MethodCall, flow: Flow): Outcome {
    const { callee, args, window } = call;
    const found = this.#all(args, flow);
    if (window) this.#window(callee.attribute, window, flow);
    if (this.#names.functions.has(callee.name)) {
      this.#userFunction(callee.name, found, flow);
      this.#changed();
      return outcome(ANYTHING);
    }
    const method = METHODS.get(callee.attribute);
    const entity = this.#entity(callee.root, flow);
    if (mayBeNil(entity) && entity.kinds !== NIL) this.#say('warning', callee.span, () => catalogue.nilEntity(callee.root, callee.attribute));
    if (method) this.#mustBeEntity(method.name, entity, callee.span);
    if (!method || args.length < method.minArguments || args.length > method.maxArguments) return outcome(ANYTHING);
    if (method.effect) this.#stored += 1;
    const operands = this.#operands(method.name, args, flow, found);
    operands.one(0, TEXT | NUMBER, 'a name in quotes');
    const [first] = args;
    const name = first?.kind === 'literal' && typeof first.value === 'string' ? first.value : null;
    if (method.name === 'Control') this.#control(entity, name, operands);
    if (method.name === 'SetVar') operands.storable(1);
    const declared = this.#readings.method(method.types.rule, entity, name);
    if (name === null || method.effect) return outcome(declared);
    return this.#statistic(call, method.name, name, declared, entity, flow);
  }

  #statistic({ callee, window }: MethodCall, method: string, name: string, declared: Type, entity: Type, flow: Flow): Outcome {
    const { root } = callee;
    if (method === 'Stat') return this.#readingOf(root, name, declared, entity, flow);
    // What the last sample has, some sample has.
    const present = entity.sure.has(name) || (flow.kindsAt({ root: this.#root(root, flow), reading: name }) & NIL) === 0;
    const type = present && (SOME_SAMPLE as readonly string[]).includes(method) ? without(declared, NIL) : declared;
    const isKept = method === 'GetVar' || method === 'GetControl';
    const which = window ? ` ${window.kind} ${operandText(window.value.span)}` : '';
    return this.#readingOf(root, `${method} ${name}${which}${isKept ? `@${this.#stored}` : ''}`, type, entity, flow);
  }

  #window(method: string, { kind, value }: NonNullable<MethodCall['window']>, flow: Flow): void {
    const operands = this.#operands(`:${kind} of ${method}`, [value], flow);
    operands.one(0, NUMERIC, kind === 'over' ? 'a duration' : 'a number of samples');
    if (kind === 'over') operands.inUnit(0, SECONDS, `:over of ${method}`);
  }

  /** The value that a control is asked for. What is written down plainly is looked at by its form already. */
  #control(entity: Type, name: string | null, operands: Operands): void {
    const control = name === null ? null : this.#readings.control(entity, name);
    if (!control) return operands.storable(1);
    const value = operands.type(1);
    const { type, unit } = control;
    const written = operands.expressions[1]?.kind === 'literal';
    const accepted = type === 'string' ? TEXT : NUMERIC;
    if (!written && operands.fits(1, accepted | NIL, (what) => catalogue.controlType(control.name, type, what))) operands.storable(1);
    if (type === 'number') operands.inUnit(1, measureOf(unit), `the control ${JSON.stringify(control.name)}`);
    const constant = operands.constant(1);
    const { min = -Infinity, max = Infinity } = control;
    if (!written && constant !== null && has(value, NUMBER) && (constant < min || constant > max)) {
      const range = max === Infinity ? `at least ${min}` : min === -Infinity ? `at most ${max}` : `${min} to ${max}`;
      operands.warn(1, () => catalogue.controlRange(control.name, range, constant));
    }
  }

  /** Something ran that may have done anything to variables that are ever changed, and to what is stored. */
  #changed(): void {
    this.#epoch += 1;
    this.#stored += 1;
  }

  // Branches

  /** Something that runs, or that never does: then nothing is said about it. */
  #branch<T>(runs: boolean, infer: () => T): T {
    return runs ? infer() : this.#unheard(infer);
  }

  #unheard<T>(infer: () => T): T {
    this.#dead += 1;
    const result = infer();
    this.#dead -= 1;
    return result;
  }

  #mergeEither(flow: Flow, a: Flow, b: Flow): void {
    flow.absorbEither(a, b, (name, one, other) => this.#merged(name, one, other, flow.scope));
  }

  /** After some of several branches. */
  #uncertain(flow: Flow, ends: readonly Flow[]): void {
    const [first, ...others] = ends as [Flow, ...Flow[]];
    let merged = first;
    for (const other of others) {
      const both = flow.branch();
      both.absorbEither(merged, other, (name, one, two) => this.#merged(name, one, two, flow.scope));
      merged = both;
    }
    flow.absorb(merged);
  }

  #merged(name: string, a: Binding | undefined, b: Binding | undefined, scope: number): Binding {
    if (a && a === b) return a;
    const type = a && b ? join(a.type, b.type) : join((a ?? b)?.type ?? NEVER, this.#global(name));
    return { type, version: String(++this.#versions), scope: (a ?? b)?.scope ?? scope, epoch: this.#epoch, when: null, from: [] };
  }

  // Reports

  #heard(): Report {
    return (severity, span, make) => this.#say(severity, span, make);
  }

  #say(severity: 'error' | 'warning', span: Span, make: () => Fault): void {
    if (this.#concluding && this.#dead === 0) this.#report(this.#lenient ? 'warning' : severity, span, make);
  }

  #constant({ truth, said }: Outcome, condition: Expression, dead: (always: boolean) => string | null): void {
    if (truth !== null && !said) this.#say('warning', condition.span, () => catalogue.constantCondition(truth, whyConstant(condition), dead(truth)));
  }
}

/** Of these one sample that has the field is enough. */
const SOME_SAMPLE = ['StatMin', 'StatMax', 'StatDelta', 'StatAge'] as const;

function literal({ value, base }: Literal): Outcome {
  const truth = value !== null && value !== 0 && value !== '';
  if (value === null) return outcome(NIL_TYPE, { truth });
  if (typeof value === 'string') return outcome(textOf(value), { truth });
  return outcome(numberOf(base === null ? PLAIN : measureOf(base), value), { truth });
}

function whyConstant(condition: Expression): string | null {
  if (condition.kind !== 'apply' || (condition.builtin.name !== 'valid' && condition.builtin.name !== 'null')) return null;
  const [first] = condition.args;
  return first && first.kind !== 'literal' ? `${operandText(first.span)} is never nil` : null;
}

function elementOf(list: Type): Type {
  if (isUnknown(list)) return ANYTHING;
  const element = has(list, LIST) ? (list.element ?? ANYTHING) : NEVER;
  return has(list, TEXT) ? join(element, TEXT_TYPE) : element;
}

function falsyPart(type: Type): Type {
  return withKinds({ ...type, constant: null }, type.kinds & (NIL | BOOLEAN | NUMBER | TEXT | LIST | OPEN | UNKNOWN));
}

function learned(flow: Flow, facts: readonly Fact[] | undefined): Flow {
  if (facts) flow.learnAll(facts);
  return flow;
}

/** The readings of a loop's element that its condition shows not to be nil. */
function sureIn(facts: readonly Fact[], root: string): ReadonlySet<string> {
  return new Set(facts.filter(({ place, kinds }) => place.root === root && place.reading !== '' && (kinds & NIL) === 0).map(({ place }) => place.reading));
}
