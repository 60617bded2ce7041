import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Expression } from '../forms/forms.ts';
import type { Span } from '../text/source.ts';
import { conversionHint, convertTo, type Measured } from './conversion.ts';
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
import { nameOf, operandHint, operandText, shownOperand } from './operand-words.ts';

/** Numbers from here on are per cent beside a share. Below, it may be a ratio that is meant: the mean of a part may be more than its whole is now. */
const PER_CENT = 5;

/** Groups of kinds whose values compare with each other. */
export const COMPARABLE: readonly number[] = [NUMERIC, TEXT, LIST];

/** The arguments of one call with their types, and the rules that calls have in common. */
export class Operands {
  /** As the policy writes it: `+`, `min`. */
  readonly name: string;
  readonly expressions: readonly Expression[];
  readonly #types: Type[];
  readonly #report: Report;
  readonly #logic: string | null;
  #failed = false;

  /** @param logic the `and` or `or` around it that evaluates it in any case */
  constructor(
    name: string,
    expressions: readonly Expression[],
    types: readonly Type[],
    report: Report,
    logic: string | null = null,
  ) {
    this.name = name;
    this.expressions = expressions;
    this.#types = [...types];
    this.#report = report;
    this.#logic = logic;
  }

  /** Whether one of them certainly does not fit: then there is no value. */
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

  /** The number that an argument is known to be. */
  constant(index: number): number | null {
    const { constant, kinds } = this.type(index);
    return typeof constant === 'number' && kinds === NUMBER ? constant : null;
  }

  /** The text that an argument is known to be. */
  text(index: number): string | null {
    const { constant, kinds } = this.type(index);
    return typeof constant === 'string' && kinds === TEXT ? constant : null;
  }

  /** Each argument must be of one of these kinds. */
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

  /** The values that an argument stands for must compare with each other; nil is left out. */
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

  /** All arguments must compare with each other. */
  ordered(wants: string): void {
    this.alike(COMPARABLE, wants);
    this.#comparableElements([...this.#types.keys()]);
  }

  /** Lists compare element by element. */
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

  /** All arguments must be of one of the groups of kinds, all of the same. */
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

  /** Their numbers must be of one unit. Returns that unit. */
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
            conversionHint(a, b),
          ),
        );
        return common(measure, other);
      }
      if (other.powers !== null && measure.powers === null) first = index;
      measure = common(measure, other);
    }
    return measure;
  }

  /** No share may stand beside a plain number that none comes near: per cent are meant. */
  withinReach(): void {
    this.#types.forEach(({ measure }, index) => {
      const [other, bound] = [1 - index, this.constant(1 - index)];
      if (measure !== SHARE || bound === null || bound < PER_CENT || this.type(other).measure !== PLAIN) return;
      const text = operandText(this.#span(index));
      this.warn(other, () => catalogue.beyondShare(text, bound, operandText(this.#span(other))));
    });
  }

  /** The number must be of the unit. */
  inUnit(index: number, wanted: Measure, what: string): void {
    const given = this.#measured(index);
    if (!has(this.type(index), NUMBER) || fits(given.measure, wanted)) return;
    this.warn(index, () =>
      catalogue.wrongUnit(what, wanted.text, given.measure.text, given.text, convertTo(given, wanted)),
    );
  }

  /** The number must be one of samples. */
  samples(index: number, method: string): void {
    const { measure, text } = this.#measured(index);
    if (has(this.type(index), NUMBER) && !fits(measure, COUNT))
      this.warn(index, () => catalogue.samplesWanted(method, measure.text, text));
  }

  /** Whether two of kinds that are never equal are compared. */
  get neverEqual(): boolean {
    const [a, b] = this.#types as [Type, Type];
    const comparable = (kinds: number): number => ((kinds & NUMERIC) !== 0 ? kinds | NUMERIC : kinds);
    if (((a.kinds | b.kinds) & (UNKNOWN | OPEN)) !== 0 || a.kinds === 0 || b.kinds === 0) return false;
    // nil is what one compares with to see whether something is there.
    return a.kinds !== NIL && b.kinds !== NIL && (comparable(a.kinds) & comparable(b.kinds)) === 0;
  }

  /** The argument must be of one of these kinds. Returns whether it can be. */
  fits(index: number, kinds: number, make: (what: string) => Fault): boolean {
    const given = this.type(index);
    const can = given.kinds === 0 || (given.kinds & (kinds | UNKNOWN | OPEN)) !== 0;
    if (!can) this.fail(index, () => make(this.#shown(index)));
    return can;
  }

  /** The argument must be what can be kept: a number, a text, nil or a list of these. */
  storable(index: number): void {
    const given = this.type(index);
    const not = ENTITY | FUNCTION;
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

  /** A zero that is written down. */
  notZero(index: number): void {
    const divisor = this.expressions[index];
    if (divisor?.kind === 'literal' && divisor.value === 0) this.fail(index, () => catalogue.divisionByZero());
  }

  #measured(index: number): Measured {
    return { measure: this.type(index).measure, text: operandText(this.#span(index)) };
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
    // It has been said once: what comes of it is taken for no nil.
    if (has(given, NIL) && !isUnknown(given)) this.#types[index] = without(given, NIL);
  }

  /** Of some kinds that fit and of some that do not. */
  #isMixed(index: number, accepted: number): boolean {
    const { kinds } = this.#types[index] as Type;
    return (kinds & (UNKNOWN | OPEN)) === 0 && (kinds & ~accepted & ~NIL) !== 0;
  }

  /** The argument to blame where they do not go together: one that fits nowhere, or else the last that the first does not go with. */
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
