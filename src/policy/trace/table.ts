import type { Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { SourceText, Span } from '../text/source.ts';

/** The id for "no expression": the top level as a body, or no parent. */
export const NONE = -1;

/**
 * The expressions of a program, numbered in text order. The ids do not depend on how the program is compiled,
 * so that the results of many evaluations can be added up.
 *
 * A *body* is evaluated as a unit: a function's body, a loop's body, or all top-level expressions. In one
 * run of a body, each of its expressions has at most one value, stored in a slot.
 */
export class TraceTable {
  readonly expressions: Expression[] = [];
  /** The enclosing expression of each expression; {@link NONE} for top-level expressions and bodies of functions. */
  readonly parents: number[] = [];
  /** The body of each expression; {@link NONE}: the top level. */
  readonly bodies: number[] = [];
  /** Number of expressions in the text. Later ids are arguments of forms that a variable hides. */
  readonly size: number;
  readonly #ids = new Map<Expression, number>();
  /** By file and position. */
  readonly #places = new Map<SourceText, Map<string, number>>();
  /** Literals and names that are arguments of calls or operators, which evaluate all arguments. */
  readonly #plainArguments = new Set<number>();
  readonly #unrecorded = new Map<number, readonly number[]>();
  readonly #slots = new Map<number, Map<number, number>>();
  readonly #shared = new Map<number, Map<number, number>>();

  constructor(files: readonly (readonly Expression[])[]) {
    for (const file of files) for (const expression of file) this.#add(expression, NONE, NONE);
    this.size = this.expressions.length;
  }

  /** Whether an expression is a literal or name that runs whenever the enclosing expression does. */
  isPlainArgument(id: number): boolean {
    return this.#plainArguments.has(id);
  }

  /** Whether the value of an expression is recorded. A literal is in the text; some forms have the value of one of their parts. */
  records(expression: Expression): boolean {
    if (expression.kind === 'literal') return !this.#plainArguments.has(this.id(expression));
    return !PASSES_VALUE.has(expression.kind);
  }

  id(expression: Expression): number {
    return this.#ids.get(expression) ?? this.idAt(expression.span) ?? this.#add(expression, NONE, NONE);
  }

  /** The expression of a range; undefined if there is none. */
  idAt(span: Span): number | undefined {
    return this.#places.get(span.source)?.get(placeOf(span));
  }

  expression(id: number): Expression {
    return this.expressions[id] as Expression;
  }

  /** The slot for the value of an expression. */
  slot(body: number, id: number): number {
    let slots = this.#slots.get(body);
    if (!slots) this.#slots.set(body, (slots = new Map()));
    let slot = slots.get(id);
    if (slot === undefined) slots.set(id, (slot = slots.size));
    return slot;
  }

  /** Lets a plain argument share the slot of another expression: a name that was read before. */
  share(body: number, id: number, slot: number): void {
    let shared = this.#shared.get(body);
    if (!shared) this.#shared.set(body, (shared = new Map()));
    shared.set(id, slot);
  }

  /** The slots shared by plain arguments of a body, by id. */
  shared(body: number): ReadonlyMap<number, number> {
    return this.#shared.get(body) ?? NO_SLOTS;
  }

  /** The expressions of a body without a recorded value: it equals that of the part evaluated last. */
  unrecorded(body: number): readonly number[] {
    let unrecorded = this.#unrecorded.get(body);
    if (!unrecorded) {
      unrecorded = [...this.expressions.keys()].filter(
        (id) => this.bodies[id] === body && PASSES_VALUE.has(this.expression(id).kind),
      );
      this.#unrecorded.set(body, unrecorded);
    }
    return unrecorded;
  }

  /** The slots of a body, by expression id. */
  slots(body: number): ReadonlyMap<number, number> {
    return this.#slots.get(body) ?? NO_SLOTS;
  }

  #add(expression: Expression, parent: number, body: number): number {
    const id = this.expressions.push(expression) - 1;
    this.parents.push(parent);
    this.bodies.push(body);
    this.#ids.set(expression, id);
    let places = this.#places.get(expression.span.source);
    if (!places) this.#places.set(expression.span.source, (places = new Map()));
    // If several expressions share a span, the outermost wins.
    const place = placeOf(expression.span);
    if (!places.has(place)) places.set(place, id);
    const loopBody = bodyOfLoop(expression);
    for (const part of parts(expression)) {
      const partId = this.#add(part, id, part === loopBody ? this.expressions.length : body);
      if ((part.kind === 'literal' || part.kind === 'variable') && evaluatesAll(expression))
        this.#plainArguments.add(partId);
    }
    if (expression.kind === 'define') this.#add(expression.body, NONE, this.expressions.length);
    return id;
  }
}

/** Forms whose value is that of the part evaluated last. */
const PASSES_VALUE: ReadonlySet<Expression['kind']> = new Set(['if', 'let', 'block', 'cond', 'because']);

const NO_SLOTS: ReadonlyMap<number, number> = new Map();

function evaluatesAll({ kind }: Expression): boolean {
  return (
    kind === 'apply' ||
    kind === 'call' ||
    kind === 'method' ||
    kind === 'defvar' ||
    kind === 'assign' ||
    kind === 'held'
  );
}

function bodyOfLoop(expression: Expression): Expression | null {
  if (expression.kind === 'with') return expression.body;
  return expression.kind === 'loop' ? (expression.each?.body ?? null) : null;
}

function placeOf({ start, end }: Span): string {
  return `${start} ${end}`;
}
