import { catalogue } from '../messages/catalogue.ts';
import type { LoopOperation } from '../builtins/builtins.ts';
import type { Cond, Expression, If, Let, Logic, Loop, With } from '../forms/forms.ts';
import { coversAll } from './exhaustive.ts';
import { Flow, type Consequences, type Fact } from './flow.ts';
import { CallInference } from './infer-calls.ts';
import { operandText } from './operand-words.ts';
import { isFilled, loopType } from './loops.ts';
import { Operands } from './operands.ts';
import { conjunction, consequences, outcome, swapped, type Outcome } from './outcome.ts';
import {
  BOOLEAN,
  elementOf,
  has,
  join,
  LIST,
  NEVER,
  NIL,
  NIL_TYPE,
  NUMBER,
  OPEN,
  TEXT,
  TRUTH,
  UNKNOWN,
  withKinds,
  withNonNil,
  without,
  type Type,
} from './type.ts';

/** Infers the types of forms: branches, scopes and loops. */
export abstract class FormInference extends CallInference {
  /** The bodies of a form, in order. */
  protected sequence(body: readonly Expression[], flow: Flow): Outcome {
    let last = outcome(NIL_TYPE);
    for (const expression of body) last = this.infer(expression, flow);
    return last;
  }

  protected ifForm({ condition, consequent, alternative }: If, flow: Flow): Outcome {
    this.conditions.add(condition);
    const test = this.infer(condition, flow);
    this.constant(
      test,
      condition,
      (always) => `the ${always ? 'third' : 'second'} argument of this if is never evaluated`,
    );
    const when = consequences(test);
    const [yes, no] = [flow.branch(), flow.branch()];
    const a = this.branch(test.truth !== false, () => this.infer(consequent, withFacts(yes, when?.whenTrue)));
    const b = this.branch(test.truth !== true, () => this.infer(alternative, withFacts(no, when?.whenFalse)));
    if (test.truth !== null) {
      flow.absorb(test.truth ? yes : no);
      return test.truth ? a : b;
    }
    this.mergeEither(flow, yes, no);
    return outcome(join(a.type, b.type));
  }

  protected condForm({ clauses }: Cond, flow: Flow): Outcome {
    let type: Type | null = null;
    let rest = flow.branch();
    const ends: Flow[] = [];
    let decided = false;
    for (const [at, { test, body, span }] of clauses.entries()) {
      if (decided) this.report('warning', span, () => catalogue.unreachable('a clause before it is always true'));
      if (test) this.conditions.add(test);
      const tested = this.branch(!decided, () =>
        test ? this.infer(test, rest) : outcome(TRUTH, { truth: true, reported: true }),
      );
      const isLast = at === clauses.length - 1;
      if (test && !(tested.truth === true && isLast))
        this.constant(tested, test, (always) => (always ? null : 'this clause is never taken'));
      const when = consequences(tested);
      const taken = withFacts(rest.branch(), when?.whenTrue);
      const runs = !decided && tested.truth !== false;
      const value = this.branch(runs, () =>
        body.length > 0 ? this.sequence(body, taken).type : without(tested.type, NIL),
      );
      if (runs) {
        ends.push(taken);
        type = type === null ? value : join(type, value);
      }
      rest = withFacts(rest.branch(), when?.whenFalse);
      if (tested.truth === true) decided = true;
    }
    if (!decided && !coversAll(clauses, this.closedChoices)) {
      ends.push(rest);
      type = join(type ?? NEVER, NIL_TYPE);
    }
    if (ends.length === 1) flow.absorb(ends[0] as Flow);
    else this.uncertain(flow, ends);
    return outcome(type ?? NIL_TYPE);
  }

  protected logicForm(form: Logic, flow: Flow): Outcome {
    const { operator, args } = form;
    const isAnd = operator === 'and';
    for (const [at, argument] of args.entries())
      if (this.conditions.has(form) || (isAnd && at < args.length - 1)) this.conditions.add(argument);
    const tested: (Consequences | null)[] = [];
    let inner = flow;
    let type: Type = NEVER;
    let first: Type = NEVER;
    let decided = false;
    let truth: boolean | null = isAnd;
    let reported = false;
    for (const [at, argument] of args.entries()) {
      const isLast = at === args.length - 1;
      // It is always evaluated, so the facts from earlier arguments do not apply.
      const always = at > 0 && this.names.hasEffect(argument);
      const here = always ? flow : inner;
      const outer = this.logic;
      if (always) this.logic = operator;
      const found = this.branch(!decided || always, () => this.infer(argument, here));
      this.logic = outer;
      if (!isLast)
        this.constant(found, argument, (value) =>
          value === isAnd
            ? `it has no effect in this ${operator}`
            : `the arguments after it in this ${operator} have no effect`,
        );
      reported ||= found.reported || (!isLast && found.truth !== null);
      // The value of the last argument stands for what has none: a 0 before it is lost.
      if (
        isLast &&
        !isAnd &&
        at === 1 &&
        !this.conditions.has(form) &&
        isNumeric(found.type) &&
        isNumberOrNil(first) &&
        !isZero(argument)
      )
        this.report('warning', (args[0] as Expression).span, () =>
          catalogue.orReplacesZero(operandText((args[0] as Expression).span)),
        );
      if (at === 0) first = found.type;
      const resultType = isLast ? found.type : isAnd ? falsyPart(found.type) : without(found.type, NIL);
      if (!decided) type = join(type, resultType);
      if (found.truth === !isAnd) {
        decided = true;
        truth = !isAnd;
      } else if (found.truth === null && !decided) truth = null;
      const when = isAnd ? consequences(found) : swapped(consequences(found));
      tested.push(when);
      if (!isLast) inner = withFacts(at === 0 ? flow.branch() : inner.branch(), when?.whenTrue);
    }
    const together = conjunction(tested);
    return outcome(type, { when: isAnd ? together : swapped(together), truth, reported });
  }

  protected letForm({ bindings, body }: Let, flow: Flow): Outcome {
    const inner = new Flow(++this.scopes, flow);
    for (const binding of bindings) this.defvar(binding, binding.name, this.infer(binding.value, inner), inner);
    const last = this.sequence(body, inner);
    flow.absorb(inner);
    return outcome(last.type, { truth: last.truth, reported: last.reported });
  }

  protected loopForm(
    form: With | Loop,
    operation: LoopOperation,
    list: Expression,
    each: { readonly variable: string; readonly body: Expression } | null,
    flow: Flow,
  ): Outcome {
    const head = form.kind === 'with' ? 'with' : operation;
    const listed = this.infer(list, flow);
    const operands = this.operands(head, [list], flow, [listed]);
    operands.one(0, LIST | TEXT, 'a list or a text');
    const listType = operands.type(0);
    const element = withNonNil(elementOf(listType), knownOfEach(listed, flow));
    if (!each)
      return outcome(
        loopType(
          operation,
          listType,
          element,
          element,
          new Operands(head, [list], [element], this.reporter()),
          isFilled(list) && !has(element, NIL),
        ),
      );
    const { variable, body } = each;
    // The body may run again after its own effects.
    if (this.names.hasEffect(body)) this.changed();
    const inner = new Flow(++this.scopes, flow);
    this.bind(variable, outcome(element), inner);
    this.program.addValue(variable, form, element);
    const root = this.root(variable, inner);
    if (
      operation === 'filter' ||
      operation === 'first' ||
      operation === 'any' ||
      operation === 'all' ||
      operation === 'count'
    )
      this.conditions.add(body);
    const found = this.infer(body, inner);
    if (this.names.hasEffect(body)) this.changed();
    const values = new Operands(head, [body], [found.type], this.reporter());
    const chosen =
      operation === 'filter' || operation === 'first'
        ? withNonNil(element, nonNilIn(consequences(found)?.whenTrue ?? [], root))
        : operation === 'min-of' || operation === 'max-of'
          ? withNonNil(element, keysIn(found, root))
          : element;
    // An error in its body can make the value of a guest nil.
    return outcome(loopType(operation, listType, chosen, found.type, values, false), {
      when: form.kind === 'with' ? null : ofEach(operation, listed, consequences(found), root),
    });
  }
}

/** Starts a reading that every element of a list has. */
const EACH = 'each ';

/** The readings that every element of a list is known to have. */
export function knownOfEach({ places }: Outcome, flow: Flow): ReadonlySet<string> {
  const known = places.filter(({ reading }) => reading === '').flatMap(({ root }) => [...flow.nonNilOf(root)]);
  return new Set(known.flatMap((reading) => (reading.startsWith(EACH) ? [reading.slice(EACH.length)] : [])));
}

/** What `all` being true, or `any` being false, says of every element. */
function ofEach(
  operation: LoopOperation,
  { places }: Outcome,
  body: Consequences | null,
  root: string,
): Consequences | null {
  const facts = operation === 'all' ? body?.whenTrue : operation === 'any' ? body?.whenFalse : undefined;
  const lists = places.filter(({ reading }) => reading === '');
  const known = [...nonNilIn(facts ?? [], root)].flatMap((reading) =>
    lists.map((list): Fact => ({ place: { root: list.root, reading: EACH + reading }, kinds: ~NIL })),
  );
  if (known.length === 0) return null;
  return operation === 'all' ? { whenTrue: known, whenFalse: [] } : { whenTrue: [], whenFalse: known };
}

function isNumeric({ kinds }: Type): boolean {
  return kinds === NUMBER;
}

function isNumberOrNil({ kinds }: Type): boolean {
  return kinds === (NUMBER | NIL);
}

function isZero(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === 0;
}

function falsyPart(type: Type): Type {
  return withKinds({ ...type, constant: null }, type.kinds & (NIL | BOOLEAN | NUMBER | TEXT | LIST | OPEN | UNKNOWN));
}

function withFacts(flow: Flow, facts: readonly Fact[] | undefined): Flow {
  if (facts) flow.learnAll(facts);
  return flow;
}

/** The readings that are the key of a loop element: one whose key is nil is never chosen. */
function keysIn({ places }: Outcome, root: string): ReadonlySet<string> {
  return new Set(places.filter((place) => place.root === root && place.reading !== '').map(({ reading }) => reading));
}

/** The readings of a loop element that its condition shows not to be nil. */
function nonNilIn(facts: readonly Fact[], root: string): ReadonlySet<string> {
  return new Set(
    facts
      .filter(({ place, kinds }) => place.root === root && place.reading !== '' && (kinds & NIL) === 0)
      .map(({ place }) => place.reading),
  );
}
