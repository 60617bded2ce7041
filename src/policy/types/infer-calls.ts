// Long because every kind of call shares the facts and reports of one inference.

import { KEPT_DAYS } from '../../model/past.ts';
import type { PlainName } from '../builtins/builtins.ts';
import { MAX_DEFINITIONS } from './free-names.ts';
import { FUNCTION_VALUES, type FunctionValueName } from '../builtins/function-values.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Apply, Call, Define, Expression, MethodCall } from '../forms/forms.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import { parametersOf } from '../forms/scopes.ts';
import { METHODS, type MethodName } from '../builtins/methods.ts';
import type { Span } from '../text/source.ts';
import { suggest } from '../../support/suggest.ts';
import type { Consequences, Flow } from './flow.ts';
import { METHOD_RULES } from './method-rules.ts';
import { TYPE_RULES } from './type-rules.ts';
import { FreeNames } from './free-names.ts';
import { InferenceState } from './infer-state.ts';
import { comparedLiterals } from './literal-truth.ts';
import { measureOf, RATIO, SECONDS, SHARE } from './measure.ts';
import { Operands } from './operands.ts';
import { operandText } from './operand-words.ts';
import type { Report } from '../messages/report.ts';
import { aboutArguments, empty, equality, not, notNil, outcome, valid, type Outcome } from './outcome.ts';
import type { ProgramTypes, Part } from './program-types.ts';
import type { Readings } from './readings.ts';
import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  has,
  HOST,
  isUnknown,
  join,
  mayBeNil,
  NEVER,
  NIL,
  NIL_TYPE,
  NUMBER,
  numberOf,
  NUMERIC,
  OPEN,
  TEXT,
  UNKNOWN,
  without,
  type Type,
} from './type.ts';

/** Nesting depth of calls that are inferred immediately; deeper ones are queued. */
const DEPTH = 20;

/** Functions that accept nil. */
const TAKES_NIL: ReadonlySet<PlainName> = new Set<PlainName>(['not', 'null', 'valid', 'eq', 'neq', 'list', 'format']);

const COMPARISONS: ReadonlySet<PlainName> = new Set<PlainName>(['lt', 'gt', 'lte', 'gte', 'eq', 'neq']);

/** Methods that calculate. */
const OF_NUMBERS: ReadonlySet<MethodName> = new Set<MethodName>([
  'StatAvg',
  'StatMin',
  'StatMax',
  'StatDelta',
  'StatRate',
  'StatTrend',
  'StatPercentile',
  'StatSameHour',
]);

/** Methods that need only one sample with the field. */
const SOME_SAMPLE: ReadonlySet<MethodName> = new Set<MethodName>(['StatMin', 'StatMax', 'StatDelta', 'StatAge']);

/** Infers the types of calls: of builtins, user functions and methods. */
export abstract class CallInference extends InferenceState {
  readonly #free: FreeNames;
  /** Number of parts being inferred, each for a call in the one before. */
  protected depth = 0;
  /** The `and` or `or` whose argument is always evaluated, because it has side effects. */
  protected logic: string | null = null;

  constructor(program: ProgramTypes, names: Names, readings: Readings, report: Report) {
    super(program, names, readings, report);
    this.#free = new FreeNames(names);
  }

  protected abstract infer(expression: Expression, flow: Flow): Outcome;

  /**
   * Infers a part with the current knowledge.
   * @param next a caller that takes the result directly and has not taken one before; null: none
   */
  abstract inferPart(part: Part, next: Part | null): void;

  #all(expressions: readonly Expression[], flow: Flow): Outcome[] {
    return expressions.map((expression) => this.infer(expression, flow));
  }

  protected operands(
    name: string,
    expressions: readonly Expression[],
    flow: Flow,
    found = this.#all(expressions, flow),
  ): Operands {
    return new Operands(
      name,
      expressions,
      found.map(({ type }) => type),
      this.reporter(),
      this.logic,
      this.program.patterns,
    );
  }

  protected duration(name: string, expression: Expression, flow: Flow): void {
    const operands = this.operands(name, [expression], flow);
    const text = operands.text(0);
    if (text !== null && /^[0-9.]+(?:ms|s|min|h)$/.test(text))
      return operands.fail(0, () => catalogue.quotedDuration(name, text));
    operands.one(0, NUMERIC, 'a duration');
    operands.inUnit(0, SECONDS, name);
  }

  protected apply({ builtin, args, node }: Apply, flow: Flow): Outcome {
    const found = this.#all(args, flow);
    const written = node.kind === 'list' && node.items[0]?.kind === 'operator' ? node.items[0].operator : builtin.name;
    const operands = this.operands(written, args, flow, found);
    const inferred = TYPE_RULES[builtin.name](operands);
    if (builtin.name === 'not') for (const each of args) this.conditions.add(each);
    operands.plainBeside();
    if (COMPARISONS.has(builtin.name))
      operands.checkShareRange((operand) => (operand.kind === 'variable' ? this.paramDefault(operand.name) : null));
    const type = builtin.name === 'div' ? this.#quotient(inferred, found) : inferred;
    // min and max do not inspect a single argument.
    const calculated = TAKES_NIL.has(builtin.name) || args.length === 1 ? [] : notNil(found);
    // A nil argument would end the evaluation here.
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
        this.#knownText(args, operands, flow);
        const compared = comparedLiterals(builtin.name, args);
        return outcome(type, {
          when: equality(builtin.name === 'eq', pair),
          truth: differ ? builtin.name === 'neq' : compared,
          reported: differ,
        });
      }
      default:
        return outcome(type, {
          when: { whenTrue: calculated, whenFalse: calculated },
          truth: comparedLiterals(builtin.name, args),
        });
    }
  }

  /** Reports a text that a field never is. */
  #knownText(args: readonly Expression[], operands: Operands, flow: Flow): void {
    args.forEach((argument, index) => {
      const text = operands.text(1 - index);
      if (text === null) return;
      if (isLabels(argument)) operands.warn(index, () => catalogue.labelsCompared(argument.callee.root, text));
      const choices =
        argument.kind === 'attribute'
          ? this.readings.choices(this.entity(argument.root, flow), argument.attribute)
          : argument.kind === 'variable'
            ? (this.paramChoices.get(argument.name) ?? null)
            : null;
      if (choices !== null && !choices.includes(text))
        operands.warn(1 - index, () =>
          catalogue.neverThisText(operandText(argument.span), text, choices, suggest(text, choices)),
        );
    });
  }

  #quotient(type: Type, [part, whole]: readonly Outcome[]): Type {
    const isShare = type.measure === RATIO && part && whole && this.readings.shares.isShare(part.places, whole.places);
    return isShare ? { ...type, measure: SHARE } : type;
  }

  protected call(call: Call, flow: Flow): Outcome {
    const { name, args } = call;
    const found = this.#all(args, flow);
    const predefined = FUNCTION_VALUES.get(name);
    if (predefined && !mayBeHidden(name, this.names)) return this.#predefined(predefined.name, args, found, flow);
    if (!this.names.functions.has(name)) this.#mustBeCallable(name, call.span, flow);
    const result = this.#userFunction(name, found, flow);
    const when = this.#whenCalled(name, found, flow);
    if (this.names.hasEffect(call)) this.changed();
    return mayBeHidden(name, this.names) ? outcome(ANYTHING) : outcome(result, { when });
  }

  /** Reports a call of a variable whose value is surely no function. */
  #mustBeCallable(name: string, span: Span, flow: Flow): void {
    if (!this.names.bound.has(name)) return;
    const { kinds } = this.valueOf(name, flow);
    if (kinds !== 0 && (kinds & (FUNCTION | UNKNOWN | OPEN)) === 0)
      this.report('error', span, () => catalogue.valueCalled(name));
  }

  /** What the result of a function being true or false says of its arguments. */
  #whenCalled(name: string, args: readonly Outcome[], flow: Flow): Consequences | null {
    const [definition, ...others] = this.#definitions(name, args.length);
    if (definition === undefined || others.length > 0) return null;
    return aboutArguments(this.program.of(definition).when, (given) =>
      typeof given === 'number' ? (args[given]?.places ?? []) : [{ root: this.root(given, flow), reading: '' }],
    );
  }

  #definitions(name: string, given: number): readonly Define[] {
    return (this.names.functions.get(name) ?? []).filter(
      ({ parameters }) => Array.isArray(parameters) && parameters.length === given,
    );
  }

  /** The roots of a function's parameters, by number, and of the names that it reads from its callers. */
  protected givenTo(definition: Define, flow: Flow): ReadonlyMap<string, number | string> {
    const parameters = parametersOf(definition);
    return new Map<string, number | string>([
      ...[...this.#free.of(definition)].map((name) => [this.root(name, flow), name] as const),
      ...parameters.map((name, at) => [this.root(name, flow), at] as const),
    ]);
  }

  #predefined(name: FunctionValueName, args: readonly Expression[], found: readonly Outcome[], flow: Flow): Outcome {
    switch (name) {
      case 'abs':
        return this.#absolute(args, found, flow);
      case 'debug':
        return outcome(found.at(-1)?.type ?? NIL_TYPE);
    }
  }

  #absolute(args: readonly Expression[], found: readonly Outcome[], flow: Flow): Outcome {
    const operands = this.operands('abs', args, flow, [...found]);
    operands.each(NUMERIC, 'a number');
    flow.learnAll(notNil(found));
    if (operands.failed) return outcome(NEVER);
    return outcome(
      args.length === 1 && has(operands.type(0), NUMBER) && !isUnknown(operands.type(0))
        ? numberOf(operands.type(0).measure)
        : ANYTHING,
    );
  }

  #userFunction(name: string, args: readonly Outcome[], flow: Flow): Type {
    const definitions = this.#definitions(name, args.length);
    if (definitions.length === 0 || definitions.length > MAX_DEFINITIONS) return ANYTHING;
    let type: Type = NEVER;
    for (const definition of definitions) {
      const runs = this.dead === 0 && !this.concluding;
      const isFirst =
        runs &&
        this.program.call(
          definition,
          args.map((arg) => arg.type),
          this.#nonNilFor(definition, flow),
          this.part,
        );
      // Infers the result immediately. Callers need no second pass, unless an earlier call had another result.
      if (runs && this.depth < DEPTH && this.program.dequeue(definition))
        this.inferPart(definition, isFirst ? this.part : null);
      type = join(type, this.program.of(definition).result);
    }
    return this.seen(type);
  }

  /** The facts at a call about the names that the callee reads from it. */
  #nonNilFor(definition: Define, flow: Flow): Map<string, ReadonlySet<string>> {
    const known = new Map<string, ReadonlySet<string>>();
    for (const name of this.#free.of(definition)) {
      const root = this.root(name, flow);
      const nonNil = new Set(flow.nonNilOf(root));
      if ((flow.kindsAt({ root, reading: '' }) & NIL) === 0) nonNil.add('');
      if (nonNil.size > 0) known.set(name, nonNil);
    }
    return known;
  }

  protected method(call: MethodCall, flow: Flow): Outcome {
    const { callee, args, window } = call;
    const found = this.#all(args, flow);
    if (window) this.#window(callee.attribute, window, flow);
    if (this.names.functions.has(callee.name)) {
      this.#userFunction(callee.name, found, flow);
      this.changed();
      return outcome(ANYTHING);
    }
    const method = METHODS.get(callee.attribute);
    const entity = this.entity(callee.root, flow);
    this.mustBeBound(callee.root, flow, callee.span);
    if (mayBeNil(entity) && entity.kinds !== NIL)
      this.report('warning', callee.span, () => catalogue.nilEntity(callee.root, callee.attribute));
    if (method) this.mustBeEntity(method.name, entity, callee.span);
    else this.mustHave(callee.attribute, entity, callee.name, callee.span);
    if (!method || args.length < method.minArguments || args.length > method.maxArguments) return outcome(ANYTHING);
    if (method.effect) this.stored += 1;
    const operands = this.operands(method.name, args, flow, found);
    operands.one(0, TEXT | NUMBER, 'a name in quotes');
    const [first] = args;
    const name = first?.kind === 'literal' && typeof first.value === 'string' ? first.value : null;
    if (method.name === 'Control') this.#control(entity, name, operands, callee.root);
    if (OF_NUMBERS.has(method.name) && name !== null && this.readings.isText(entity, name))
      operands.fail(0, () => catalogue.noNumber(method.name, name, 'texts'));
    if (METHOD_RULES[method.name] === 'percentile') this.#percentile(method.name, name, operands);
    if (method.name === 'SetVar') {
      operands.storable(1);
      // Not for a guest: after an error of a guest, what it stores is dropped.
      if (entity.kinds === HOST && name !== null && found[1] && !has(found[1].type, NIL | UNKNOWN | OPEN))
        flow.learn({ place: { root: this.root(callee.root, flow), reading: this.#kept('GetVar', name) }, kinds: ~NIL });
    }
    if (method.name === 'Param') return outcome((name === null ? undefined : this.paramTypes.get(name)) ?? ANYTHING);
    const declared = this.readings.method(METHOD_RULES[method.name], entity, name);
    if (name === null || method.effect) return outcome(declared);
    return this.#statistic(call, method.name, name, declared, entity, flow);
  }

  #statistic(
    { callee, window }: MethodCall,
    method: MethodName,
    name: string,
    declared: Type,
    entity: Type,
    flow: Flow,
  ): Outcome {
    const { root } = callee;
    if (method === 'Stat') return this.readingOf(root, name, declared, entity, flow);
    // If the last sample has the field, so does some sample.
    const present =
      entity.nonNil.has(name) || (flow.kindsAt({ root: this.root(root, flow), reading: name }) & NIL) === 0;
    const type = present && SOME_SAMPLE.has(method) ? without(declared, NIL) : declared;
    const which = window ? ` ${window.kind} ${operandText(window.value.span)}` : '';
    const read =
      method === 'GetVar' || method === 'GetControl' ? this.#kept(method, name) : `${method} ${name}${which}`;
    return this.readingOf(root, read, type, entity, flow);
  }

  /** Only fields that the text names are kept over days. */
  #percentile(method: MethodName, name: string | null, operands: Operands): void {
    if (name === null) operands.fail(0, () => catalogue.fieldInQuotes(method));
    operands.one(1, NUMERIC, 'a share such as 95%, as its second argument,');
    operands.inUnit(1, SHARE, `the share of ${method}`);
    const share = operands.constant(1);
    if (share !== null && !(share >= 0 && share <= 1))
      operands.fail(1, () => catalogue.badShare(method, String(share)));
  }

  /** The reading of what is stored, until something else is. */
  #kept(method: 'GetVar' | 'GetControl', name: string): string {
    return `${method} ${name}@${this.stored}`;
  }

  #window(method: string, { kind, value }: NonNullable<MethodCall['window']>, flow: Flow): void {
    const operands = this.operands(`:${kind} of ${method}`, [value], flow);
    operands.one(0, NUMERIC, kind === 'over' ? 'a duration' : 'a number of samples');
    if (kind === 'over') operands.inUnit(0, SECONDS, `:over of ${method}`);
    else operands.samples(0, method);
    const constant = operands.constant(0);
    if (constant === null) return;
    if (kind === 'last' && (constant < 1 || !Number.isInteger(constant)))
      operands.fail(0, () => catalogue.badLast(method, String(constant)));
    if (METHODS.get(method)?.windows.length === 1 && constant > KEPT_DAYS * 86_400)
      operands.fail(0, () => catalogue.beyondKept(method, KEPT_DAYS));
    if (kind === 'over' && constant < 0) operands.fail(0, () => catalogue.badOver(method, `${constant} s`));
  }

  /** Checks the value of a control. Literals are already checked by their form. */
  #control(entity: Type, name: string | null, operands: Operands, root: string): void {
    if (operands.count > 2)
      operands.fits(2, TEXT | NIL, (what) =>
        catalogue.operands('Control', 'a text that says why, as its third argument', what, null),
      );
    const control = name === null ? null : this.readings.control(entity, name);
    if (!control) return operands.storable(1);
    const value = operands.type(1);
    const { type, unit } = control;
    const written = operands.expressions[1]?.kind === 'literal';
    const accepted = type === 'string' ? TEXT : NUMERIC;
    if (!written && operands.fits(1, accepted | NIL, (what) => catalogue.controlType(control.name, type, what)))
      operands.storable(1);
    if (type === 'number')
      operands.inUnit(
        1,
        measureOf(unit),
        `the control ${JSON.stringify(control.name)}`,
        unit === 'KiB' ? `${root}.balloon_max` : null,
      );
    if (value.kinds === NIL) operands.warn(1, () => catalogue.nilRequest(control.name));
    if (value.kinds === BOOLEAN && type === 'number') operands.warn(1, () => catalogue.truthRequest(control.name));
    const text = operands.text(1);
    const { choices } = control;
    if (text !== null && choices && !choices.includes(text))
      operands.warn(1, () => catalogue.noChoice(control.name, text, choices, suggest(text, choices)));
    const constant = operands.constant(1);
    const { min = -Infinity, max = Infinity } = control;
    if (!written && constant !== null && has(value, NUMBER) && (constant < min || constant > max)) {
      const range = max === Infinity ? `at least ${min}` : min === -Infinity ? `at most ${max}` : `${min} to ${max}`;
      operands.warn(1, () => catalogue.controlRange(control.name, range, constant));
    }
  }
}

/** `(vm.Prop "labels")`. */
function isLabels(expression: Expression): expression is MethodCall {
  if (expression.kind !== 'method' || expression.callee.attribute !== 'Prop') return false;
  const [name] = expression.args;
  return name?.kind === 'literal' && name.value === 'labels';
}
