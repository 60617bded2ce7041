import type { Carried, Grant, Loop } from '../forms/forms.ts';
import { Flow } from './flow.ts';
import { FormInference, knownOfEach } from './infer-forms.ts';
import { beyondShare } from './measure.ts';
import { notNil, outcome, type Outcome } from './outcome.ts';
import type { Expression } from '../forms/forms.ts';
import { elementOf, join, LIST, NEVER, NIL, numberOf, NUMERIC, TEXT, withNonNil, type Type } from './type.ts';

type Each = NonNullable<Loop['each']>;

type NamedCarried = Carried & { readonly name: string };

/** A budget with its type. */
interface Budget {
  readonly expression: Expression;
  readonly found: Outcome;
}

/** Infers the types of the loops that pass a value from one element to the next. */
export abstract class CarryingInference extends FormInference {
  /** The budget of the innermost `hand-out`. */
  #budget: Budget | null = null;

  protected carryingForm(form: Loop, each: Each, carried: Carried, flow: Flow): Outcome {
    return carried.name === null
      ? this.#handOut(form, each, carried.initial, flow)
      : this.#fold(form, each, carried as NamedCarried, flow);
  }

  #fold(form: Loop, each: Each, carried: NamedCarried, flow: Flow): Outcome {
    const { name, initial } = carried;
    const listed = this.#listOf(form, flow);
    const first = this.infer(initial, flow).type;
    const inner = this.#iteration(form, each, listed, flow);
    // What the body makes of it is known from the inference before, until it no longer changes.
    const before = this.program.valueAt(name, carried, this.part);
    // At first an initial nil is left out: a test for nil would leave no kind, which counts as unknown.
    const value = before.kinds === 0 && first.kinds === NIL ? NEVER : join(varying(first), before);
    // A unit of the initial value is meant for all of them.
    this.bind(name, outcome(first.measure.powers ? { ...value, measure: first.measure } : value), inner);
    const found = this.#body(each, inner);
    this.operands('fold', [initial, each.body], flow, [outcome(first), found]).sameUnit('mix');
    const last = join(join(varying(first), before), varying(found.type));
    this.program.addValue(name, carried, last);
    return outcome(last);
  }

  #handOut(form: Loop, each: Each, budget: Expression, flow: Flow): Outcome {
    const outer = this.#budget;
    const found = this.infer(budget, flow);
    this.operands('hand-out', [budget], flow, [found]).one(0, NUMERIC, 'a number as its budget');
    const listed = this.#listOf(form, flow);
    const inner = this.#iteration(form, each, listed, flow);
    this.#budget = { expression: budget, found };
    const { type } = this.#body(each, inner);
    this.#budget = outer;
    return outcome(numberOf(beyondShare(type.measure)));
  }

  protected grantForm({ want, name, body }: Grant, flow: Flow): Outcome {
    const { expression, found } = this.#budget as Budget;
    const wanted = this.infer(want, flow);
    this.operands('hand-out', [want], flow, [wanted]).one(0, NUMERIC | NIL, 'a number or nil as what is wanted');
    const measure = this.operands('hand-out', [expression, want], flow, [found, wanted]).sameUnit('mix');
    const inner = new Flow(++this.scopes, flow.branch());
    // Nothing is given where it is nil.
    inner.learnAll(notNil([wanted]));
    this.bind(name, outcome(numberOf(measure)), inner);
    this.program.addValue(name, want, numberOf(measure));
    this.infer(body, inner);
    const ran = flow.branch();
    ran.absorb(inner);
    this.mergeEither(flow, ran, flow.branch());
    return outcome(numberOf(measure));
  }

  #listOf({ operation, list }: Loop, flow: Flow): Outcome {
    const listed = this.infer(list, flow);
    const operands = this.operands(operation, [list], flow, [listed]);
    operands.one(0, LIST | TEXT, 'a list or a text');
    return { ...listed, type: operands.type(0) };
  }

  /** The scope of an iteration. */
  #iteration(form: Loop, { variable, body }: Each, listed: Outcome, flow: Flow): Flow {
    const element = withNonNil(elementOf(listed.type), knownOfEach(listed, flow));
    // The body may run again after its own effects.
    if (this.names.hasEffect(body)) this.changed();
    const inner = new Flow(++this.scopes, flow);
    this.bind(variable, outcome(element), inner);
    this.program.addValue(variable, form, element);
    return inner;
  }

  #body({ body }: Each, inner: Flow): Outcome {
    const found = this.infer(body, inner);
    if (this.names.hasEffect(body)) this.changed();
    return found;
  }
}

/** The value of a name that has another value in each iteration. */
function varying(type: Type): Type {
  return type.constant === null ? type : { ...type, constant: null };
}
