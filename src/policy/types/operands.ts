// Long because it holds every check of the arguments of one call.

import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Expression } from '../forms/forms.ts';
import { spanText, type Span } from '../text/source.ts';
import { conversionAdvice, convertTo, shareOf, type Measured } from './conversion.ts';
import { common, COUNT, fits, PLAIN, SHARE, type Measure } from './measure.ts';
import {
  ENTITY,
  FUNCTION,
  has,
  isUnknown,
  LIST,
  mayBeNil,
  NIL,
  NUMBER,
  NUMERIC,
  OPEN,
  TEXT,
  UNKNOWN,
  without,
  type Type,
} from './type.ts';
import type { Report } from '../messages/report.ts';
import { Patterns } from './patterns.ts';
import { nameOf, operandHint, operandText, shownOperand } from './operand-words.ts';

/** Numbers from here on are percentages when compared with a share. Smaller ones may be ratios: a part's mean can exceed its current whole. */
const PER_CENT = 5;

/** Operators whose operands have one unit. */
const SAME_UNIT: ReadonlySet<string> = new Set(['+', '-', '<', '>', '<=', '>=', '==', '!=']);

/** Groups of mutually comparable kinds. */
export const COMPARABLE: readonly number[] = [NUMERIC, TEXT, LIST];

/** The arguments of one call with their types, and the checks that calls share. */
export class Operands {
  /** As written in the policy: `+`, `min`. */
  readonly name: string;
  readonly expressions: readonly Expression[];
  readonly #types: Type[];
  readonly #report: Report;
  readonly #logic: string | null;
  readonly patterns: Patterns;
  #failed = false;

  /** @param logic the enclosing `and` or `or` that always evaluates it */
  constructor(
    name: string,
    expressions: readonly Expression[],
    types: readonly Type[],
    report: Report,
    logic: string | null = null,
    patterns = new Patterns(),
  ) {
    this.name = name;
    this.expressions = expressions;
    this.#types = [...types];
    this.#report = report;
    this.#logic = logic;
    this.patterns = patterns;
  }

  /** Whether an argument certainly does not fit, so that there is no value. */
  get failed(): boolean {
    return this.#failed;
  }
  get count(): number {
    return this.#types.length;
  }
  type(index: number): Type {
    return this.#types[index] as Type;
  }

  get types(): readonly Type[] {
    return this.#types;
  }

  /** The constant number of an argument. */
  constant(index: number): number | null {
    const { constant, kinds } = this.type(index);
    return typeof constant === 'number' && kinds === NUMBER ? constant : null;
  }

  /** The constant string of an argument. */
  text(index: number): string | null {
    const { constant, kinds } = this.type(index);
    return typeof constant === 'string' && kinds === TEXT ? constant : null;
  }

  /** Checks that each argument has one of these kinds. */
  each(kinds: number, wants: string): void {
    this.#types.forEach((_, index) => this.one(index, kinds, wants));
  }

  one(index: number, kinds: number, wants: string): void {
    const given = this.#types[index] as Type;
    if (isUnknown(given) || given.kinds === 0) return;
    if ((given.kinds & (kinds | OPEN)) === 0) {
      this.fail(index, () => catalogue.operands(this.name, wants, this.#shown(index), this.#hint(index)));
      return;
    }
    if ((kinds & NIL) === 0) this.#notNil(index);
    if (this.#isMixed(index, kinds)) this.warn(index, () => catalogue.mixedType(this.name, wants, this.#shown(index)));
  }

  /** Checks that the values of an argument are comparable, ignoring nil. */
  comparable(index: number, wants: string): void {
    this.one(
      index,
      COMPARABLE.reduce((sum, group) => sum | group, NIL),
      wants,
    );
    const { kinds } = this.type(index);
    const isMixed = (kinds & (UNKNOWN | OPEN)) === 0 && COMPARABLE.filter((group) => (kinds & group) !== 0).length > 1;
    if (isMixed) this.warn(index, () => catalogue.mixedType(this.name, wants, this.#shown(index)));
    this.#comparableElements([index]);
  }

  /** Checks that all arguments are comparable. */
  ordered(wants: string): void {
    this.alike(COMPARABLE, wants);
    this.#comparableElements([...this.#types.keys()]);
  }

  /** Lists are compared element by element. */
  #comparableElements(indexes: readonly number[]): void {
    let kinds = 0;
    for (const index of indexes) {
      const { kinds: own, element } = this.type(index);
      if ((own & LIST) === 0) continue;
      kinds |= element?.kinds ?? UNKNOWN;
      if ((kinds & (UNKNOWN | OPEN)) !== 0 || COMPARABLE.some((group) => (kinds & ~group) === 0)) continue;
      return this.warn(index, () =>
        catalogue.mixedType(this.name, 'lists of numbers, or lists of texts', this.#shown(index)),
      );
    }
  }

  /** Checks that all arguments are in the same group of kinds. */
  alike(groups: readonly number[], wants: string): void {
    const possible = groups.filter((group) =>
      this.#types.every(({ kinds }) => kinds === 0 || (kinds & (group | UNKNOWN | OPEN)) !== 0),
    );
    if (possible.length === 0) {
      const culprit = this.#culprit(groups);
      const all = this.#types.map((_, index) => this.#shown(index)).join(' and ');
      this.fail(culprit, () => catalogue.operands(this.name, wants, all, this.#hint(culprit)));
      return;
    }
    const accepted = possible.reduce((sum, group) => sum | group, 0);
    this.#types.forEach((_, index) => {
      this.#notNil(index);
      if (this.#isMixed(index, accepted))
        this.warn(index, () => catalogue.mixedType(this.name, wants, this.#shown(index)));
    });
  }

  /** Checks that the numbers have one unit. Returns that unit. */
  sameUnit(verb: string, from = 0): Measure {
    let first = from;
    let measure = this.type(from).measure;
    for (let index = from + 1; index < this.count; index += 1) {
      const other = this.type(index).measure;
      if (!fits(measure, other)) {
        const [a, b] = [this.#measured(first), this.#measured(index)];
        this.warn(index, () =>
          catalogue.unitMismatch(
            this.name,
            verb,
            [a.measure.text, a.text],
            [b.measure.text, b.text],
            conversionAdvice(a, b),
          ),
        );
        return common(measure, other);
      }
      if (other.powers !== null && measure.powers === null) first = index;
      measure = common(measure, other);
    }
    return measure;
  }

  /**
   * Reports a share compared with a plain number out of its range: percent is meant.
   * @param numberOf the number that an operand is, if the text shows it
   */
  checkShareRange(numberOf = (_: Expression, index: number): number | null => this.constant(index)): void {
    this.#types.forEach(({ measure }, index) => {
      const other = 1 - index;
      const operand = this.expressions[other];
      const bound = operand === undefined ? null : numberOf(operand, other);
      if (measure !== SHARE || bound === null || bound < PER_CENT || this.type(other).measure !== PLAIN) return;
      const text = operandText(this.#span(index));
      this.warn(other, () => catalogue.beyondShare(text, bound, operandText(this.#span(other))));
    });
  }

  /** Reports a literal with a unit beside a field that has none: `(> Host.time_hour 22h)`. */
  plainBeside(): void {
    if (!SAME_UNIT.has(this.name) || this.count !== 2) return;
    this.expressions.forEach((literal, index) => {
      const field = this.expressions[1 - index];
      if (literal.kind !== 'literal' || literal.base === null || field?.kind !== 'attribute') return;
      const { kinds, measure } = this.type(1 - index);
      if ((kinds & (NUMBER | UNKNOWN)) !== NUMBER || measure !== PLAIN || this.type(index).measure.powers === null)
        return;
      const [shown, number] = [operandText(literal.span), /^-?[0-9.]+/.exec(spanText(literal.span))?.[0] ?? ''];
      this.warn(index, () => catalogue.unitOfPlain(operandText(field.span), shown, number));
    });
  }

  /** Checks the unit of a number. A percentage may be meant of the total `owner`. */
  inUnit(index: number, wanted: Measure, what: string, owner: string | null = null): void {
    const given = this.#measured(index);
    if (!has(this.type(index), NUMBER) || fits(given.measure, wanted)) return;
    this.warn(index, () =>
      catalogue.wrongUnit(
        what,
        wanted.text,
        given.measure.text,
        given.text,
        convertTo(given, wanted) ?? shareOf(given, owner),
      ),
    );
  }

  /** Checks a number of samples. */
  samples(index: number, method: string): void {
    const { measure, text } = this.#measured(index);
    if (has(this.type(index), NUMBER) && !fits(measure, COUNT))
      this.warn(index, () => catalogue.samplesWanted(method, measure.text, text));
  }

  /** Whether the two arguments are of kinds that are never equal. */
  get neverEqual(): boolean {
    const [a, b] = this.#types as [Type, Type];
    const comparable = (kinds: number): number => ((kinds & NUMERIC) !== 0 ? kinds | NUMERIC : kinds);
    if (((a.kinds | b.kinds) & (UNKNOWN | OPEN)) !== 0 || a.kinds === 0 || b.kinds === 0) return false;
    // A comparison with nil is a test for a missing value.
    return a.kinds !== NIL && b.kinds !== NIL && (comparable(a.kinds) & comparable(b.kinds)) === 0;
  }

  /** Checks that an argument has one of these kinds. Returns whether it can have one. */
  fits(index: number, kinds: number, make: (what: string) => Fault): boolean {
    const given = this.type(index);
    const can = given.kinds === 0 || (given.kinds & (kinds | UNKNOWN | OPEN)) !== 0;
    if (!can) this.fail(index, () => make(this.#shown(index)));
    return can;
  }

  /** Checks that an argument can be stored: a number, a string, nil or a list of these. */
  storable(index: number): void {
    const [given, not] = [this.type(index), ENTITY | FUNCTION];
    if (given.kinds !== 0 && (given.kinds & ~not) === 0)
      return this.fail(index, () => catalogue.notStorable(this.name, this.#shown(index)));
    // A list may be empty.
    for (let inner: Type | null = given; inner && !isUnknown(inner); inner = inner.element) {
      if ((inner.kinds & not) !== 0)
        return this.warn(index, () =>
          catalogue.mixedType(this.name, 'numbers, texts, nil and lists of them', this.#shown(index)),
        );
    }
  }

  /** Reports a literal zero. */
  notZero(index: number): void {
    const at = this.expressions[index];
    if (at?.kind === 'literal' && at.value === 0) this.fail(index, () => catalogue.divisionByZero());
  }

  #measured(index: number): Measured {
    const span = this.#span(index);
    return { measure: this.type(index).measure, text: operandText(span), span };
  }

  #notNil(index: number): void {
    const given = this.#types[index] as Type;
    if (mayBeNil(given)) {
      const text = operandText(this.#span(index));
      const logic = this.#logic;
      this.warn(index, () =>
        logic === null
          ? catalogue.maybeNil(text, this.name, nameOf(this.expressions[index] as Expression))
          : catalogue.nilInLogic(text, this.name, logic),
      );
    }
    // Reported once; further uses assume that it is not nil.
    if (has(given, NIL) && !isUnknown(given)) this.#types[index] = without(given, NIL);
  }

  /** Whether some kinds fit and others do not. */
  #isMixed(index: number, accepted: number): boolean {
    const { kinds } = this.#types[index] as Type;
    return (kinds & (UNKNOWN | OPEN)) === 0 && (kinds & ~accepted & ~NIL) !== 0;
  }

  /** The argument to report if they do not go together: one that fits nowhere, or the last one incompatible with the first. */
  #culprit(groups: readonly number[]): number {
    const accepted = groups.reduce((sum, group) => sum | group, 0);
    const never = this.#types.findIndex(({ kinds }) => (kinds & (accepted | UNKNOWN | OPEN)) === 0);
    if (never !== -1) return never;
    const group = groups.find((each) => has(this.type(0), each)) ?? 0;
    const other = this.#types.findIndex(({ kinds }) => (kinds & (group | UNKNOWN | OPEN)) === 0);
    return other === -1 ? this.count - 1 : other;
  }

  #shown(index: number): string {
    return shownOperand(this.expressions[index] as Expression, this.type(index));
  }

  #hint(index: number): string | null {
    return operandHint(this.expressions[index] as Expression, this.type(index));
  }

  #span(index: number): Span {
    return (this.expressions[index] as Expression).span;
  }

  fail(index: number, make: () => Fault): void {
    this.#failed = true;
    this.#report('error', this.#span(index), make);
  }

  warn(index: number, make: () => Fault): void {
    this.#report('warning', this.#span(index), make);
  }
}
