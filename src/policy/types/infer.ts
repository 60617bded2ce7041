import { BUILTINS } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import {
  unreachable,
  type Cond,
  type Define,
  type Expression,
  type If,
  type Let,
  type Literal,
  type Logic,
  type Loop,
  type With,
} from '../forms/forms.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { Flow, type Consequences, type Fact } from './flow.ts';
import { CallInference } from './infer-calls.ts';
import { isFilled, loopType } from './loops.ts';
import { measureOf, PLAIN } from './measure.ts';
import { Operands, type Report } from './operands.ts';
import { conjunction, consequences, outcome, swapped, type Outcome } from './outcome.ts';
import { ProgramTypes, type Part } from './program-types.ts';
import { Readings } from './readings.ts';
import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  has,
  isUnknown,
  join,
  LIST,
  NEVER,
  NIL,
  NIL_TYPE,
  NUMBER,
  numberOf,
  OPEN,
  TEXT,
  TEXT_TYPE,
  textOf,
  TRUTH,
  UNKNOWN,
  withKinds,
  withSure,
  without,
  type Type,
} from './type.ts';

/** The types of a program's expressions. */
export interface TypeTable {
  /** undefined: the expression is never reached, or none of the program's. */
  typeOf(expression: Expression): Type | undefined;
}

/** Infers the types of a whole program, and reports what does not go together. */
export function inferTypes(
  files: readonly (readonly Expression[])[],
  names: Names,
  vocabulary: Vocabulary,
  report: Report,
): TypeTable {
  const types = new ProgramTypes(names);
  const inference = new Inference(types, names, new Readings(vocabulary), files, report);
  for (let part = types.next(); part !== undefined; part = types.next()) inference.look(part, null);
  return inference.conclude();
}

class Inference extends CallInference implements TypeTable {
  readonly #files: readonly (readonly Expression[])[];
  readonly #types = new Map<Expression, Type>();

  constructor(
    program: ProgramTypes,
    names: Names,
    readings: Readings,
    files: readonly (readonly Expression[])[],
    report: Report,
  ) {
    super(program, names, readings, report);
    this.#files = files;
  }

  typeOf(expression: Expression): Type | undefined {
    return this.#types.get(expression);
  }

  look(part: Part, hears: Part | null): void {
    const [outer, logic, epoch, stored] = [this.part, this.logic, this.epoch, this.stored];
    this.part = part;
    this.logic = null;
    this.depth += 1;
    if (part === 'top level') this.#topLevel();
    else this.#function(part, hears);
    this.depth -= 1;
    [this.part, this.logic, this.epoch, this.stored] = [outer, logic, epoch, stored];
  }

  /** The last look at everything: the types stand. */
  conclude(): TypeTable {
    this.concluding = true;
    this.look('top level', null);
    for (const [definition, { reached }] of this.program.functions()) {
      this.lenient = !reached;
      this.look(definition, null);
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

  #function(definition: Define, hears: Part | null): void {
    const { parameters } = definition;
    const known = this.program.of(definition);
    const flow = new Flow(++this.scopes);
    if (Array.isArray(parameters)) {
      // The first of a name counts.
      (parameters as readonly string[]).forEach((name, index) => {
        if (flow.binding(name)) return;
        const given = known.parameters[index] as Type;
        this.bind(name, outcome(this.seen(given)), flow);
        this.program.give(name, definition, given);
      });
    }
    for (const [name, readings] of known.sure ?? []) {
      if (flow.binding(name)) continue;
      for (const reading of readings) flow.learn({ place: { root: this.root(name, flow), reading }, kinds: ~NIL });
    }
    this.program.answer(definition, this.infer(definition.body, flow).type, hears);
  }

  #sequence(body: readonly Expression[], flow: Flow): Outcome {
    let last = outcome(NIL_TYPE);
    for (const expression of body) last = this.infer(expression, flow);
    return last;
  }

  protected infer(expression: Expression, flow: Flow): Outcome {
    const found = this.#hidden(expression) ? this.#hiddenForm(expression, flow) : this.#visible(expression, flow);
    if (this.concluding) this.#types.set(expression, found.type);
    return found;
  }

  /** Whether a variable may take the place of the language's function: one of MOM's whatever it holds, one of ours if it can be called. */
  #hidden(expression: Expression): boolean {
    if (!('head' in expression) || expression.head === null || !mayBeHidden(expression.head, this.names)) return false;
    if (BUILTINS.get(expression.head)?.since === 'mom') return true;
    return has(this.program.global(expression.head, this.part), FUNCTION | UNKNOWN);
  }

  #hiddenForm(expression: Expression, flow: Flow): Outcome {
    this.unheard(() => this.#visible(expression, flow.branch()));
    this.changed();
    return outcome(ANYTHING);
  }

  #visible(expression: Expression, flow: Flow): Outcome {
    switch (expression.kind) {
      case 'literal':
        return literal(expression);
      case 'variable':
        return this.variable(expression, flow);
      case 'attribute':
        return this.attribute(expression, flow);
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
        return this.#loop(
          expression,
          'map',
          expression.list,
          { variable: expression.variable, body: expression.body },
          flow,
        );
      case 'loop':
        return this.#loop(expression, expression.operation, expression.list, expression.each, flow);
      case 'define':
        return outcome(textOf(expression.name));
      case 'defvar':
        return this.defvar(expression, expression.name, this.infer(expression.value, flow), flow);
      case 'param':
        return this.defvar(
          expression,
          expression.name,
          outcome({ ...literal(expression.value).type, constant: null }),
          flow,
        );
      case 'assign':
        return this.assign(expression.name, expression, this.infer(expression.value, flow), flow);
      case 'because':
        this.operands('because', [expression.reason], flow).one(0, TEXT, 'a text that says why');
        return this.#sequence(expression.body, flow);
      case 'held': {
        this.operands('held-for', [expression.key], flow).one(0, TEXT, 'a name in quotes first');
        const holds = this.infer(expression.condition, flow);
        this.duration('held-for', expression.duration, flow);
        // It is true only where its condition is.
        return outcome(TRUTH, { when: { whenTrue: consequences(holds)?.whenTrue ?? [], whenFalse: [] } });
      }
      case 'pace': {
        this.duration(expression.mode, expression.duration, flow);
        const inner = flow.branch();
        const { type } = this.#sequence(expression.body, inner);
        this.mergeEither(flow, inner, flow.branch());
        return outcome(join(NIL_TYPE, type));
      }
      case 'apply':
        return this.apply(expression, flow);
      case 'call':
        return this.call(expression, flow);
      case 'method':
        return this.method(expression, flow);
      case 'malformed':
        return outcome(ANYTHING);
      default:
        return unreachable(expression);
    }
  }

  // Forms

  #if({ condition, consequent, alternative }: If, flow: Flow): Outcome {
    const test = this.infer(condition, flow);
    this.constant(
      test,
      condition,
      (always) => `the ${always ? 'third' : 'second'} argument of this if is never evaluated`,
    );
    const when = consequences(test);
    const [yes, no] = [flow.branch(), flow.branch()];
    const a = this.branch(test.truth !== false, () => this.infer(consequent, learned(yes, when?.whenTrue)));
    const b = this.branch(test.truth !== true, () => this.infer(alternative, learned(no, when?.whenFalse)));
    if (test.truth !== null) {
      flow.absorb(test.truth ? yes : no);
      return test.truth ? a : b;
    }
    this.mergeEither(flow, yes, no);
    return outcome(join(a.type, b.type));
  }

  #cond({ clauses }: Cond, flow: Flow): Outcome {
    let type: Type | null = null;
    let rest = flow.branch();
    const ends: Flow[] = [];
    let decided = false;
    for (const [at, { test, body, span }] of clauses.entries()) {
      if (decided) this.say('warning', span, () => catalogue.unreachable('a clause before it is always true'));
      const tested = this.branch(!decided, () =>
        test ? this.infer(test, rest) : outcome(TRUTH, { truth: true, said: true }),
      );
      const isLast = at === clauses.length - 1;
      if (test && !(tested.truth === true && isLast))
        this.constant(tested, test, (always) => (always ? null : 'this clause is never taken'));
      const when = consequences(tested);
      const taken = learned(rest.branch(), when?.whenTrue);
      const runs = !decided && tested.truth !== false;
      const value = this.branch(runs, () =>
        body.length > 0 ? this.#sequence(body, taken).type : without(tested.type, NIL),
      );
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
    else this.uncertain(flow, ends);
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
      const always = at > 0 && this.names.hasEffect(argument);
      const here = always ? flow : inner;
      const outer = this.logic;
      if (always) this.logic = operator;
      const found = this.branch(!decided || always, () => this.infer(argument, here));
      this.logic = outer;
      if (!isLast)
        this.constant(found, argument, (value) =>
          value === isAnd
            ? `it decides nothing in this ${operator}`
            : `what follows it in this ${operator} decides nothing`,
        );
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
    const inner = new Flow(++this.scopes, flow);
    for (const binding of bindings) this.defvar(binding, binding.name, this.infer(binding.value, inner), inner);
    const last = this.#sequence(body, inner);
    flow.absorb(inner);
    return outcome(last.type, { truth: last.truth, said: last.said });
  }

  #loop(
    form: With | Loop,
    operation: Loop['operation'],
    list: Expression,
    each: { readonly variable: string; readonly body: Expression } | null,
    flow: Flow,
  ): Outcome {
    const head = form.kind === 'with' ? 'with' : operation;
    const operands = this.operands(head, [list], flow);
    operands.one(0, LIST | TEXT, 'a list or a text');
    const listType = operands.type(0);
    const element = elementOf(listType);
    if (!each)
      return outcome(
        loopType(
          operation,
          listType,
          element,
          element,
          new Operands(head, [list], [element], this.heard()),
          isFilled(list) && !has(element, NIL),
        ),
      );
    const { variable, body } = each;
    // The body may run again after its own effects.
    if (this.names.hasEffect(body)) this.changed();
    const inner = new Flow(++this.scopes, flow);
    this.bind(variable, outcome(element), inner);
    this.program.give(variable, form, element);
    const root = this.root(variable, inner);
    const found = this.infer(body, inner);
    if (this.names.hasEffect(body)) this.changed();
    const values = new Operands(head, [body], [found.type], this.heard());
    const chosen =
      operation === 'filter' || operation === 'first'
        ? withSure(element, sureIn(consequences(found)?.whenTrue ?? [], root))
        : element;
    // An error in its body can make the value of a guest nil.
    return outcome(loopType(operation, listType, chosen, found.type, values, false));
  }
}

function literal({ value, base }: Literal): Outcome {
  const truth = value !== null && value !== 0 && value !== '';
  if (value === null) return outcome(NIL_TYPE, { truth });
  if (typeof value === 'string') return outcome(textOf(value), { truth });
  return outcome(numberOf(base === null ? PLAIN : measureOf(base), value), { truth });
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
  return new Set(
    facts
      .filter(({ place, kinds }) => place.root === root && place.reading !== '' && (kinds & NIL) === 0)
      .map(({ place }) => place.reading),
  );
}
