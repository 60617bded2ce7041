// Long because the type rules of all calls are one table.
import { LABEL } from '../../model/labels.ts';
import type { PlainName } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import { placesOf, templateFault } from '../functions/format.ts';
import { beyondShare, COUNT, PLAIN, product, RATIO, SECONDS, SHARE, UNCLEAR, type Measure } from './measure.ts';
import { COMPARABLE, type Operands } from './operands.ts';
import { operandText } from './operand-words.ts';
import type { Span } from '../text/source.ts';
import {
  ANYTHING,
  elementOf,
  ENTITY,
  has,
  join,
  LIST,
  listOf,
  NEVER,
  NIL,
  NIL_TYPE,
  numberOf,
  NUMERIC,
  OPEN,
  orNil,
  TEXT,
  TEXT_TYPE,
  TRUTH,
  UNKNOWN,
  withKinds,
  type Type,
} from './type.ts';

/** Reports arguments that do not fit, and returns the result type. */
type TypeRule = (operands: Operands) => Type;

const ALIKE = 'two numbers, two texts or two lists';

/**
 * The result of an operation on numbers; unknown for other operands.
 * @param fold computes the result for two constants
 */
function numeric(operands: Operands, measure: () => Measure, fold: ((a: number, b: number) => number) | null): Type {
  if (operands.failed || operands.types.some(({ kinds }) => kinds === 0)) return NEVER;
  if (operands.types.some(({ kinds }) => (kinds & ~NUMERIC) !== 0)) return ANYTHING;
  const [a, b] = fold ? [operands.constant(0), operands.constant(1)] : [null, null];
  const constant = fold && a !== null && b !== null ? fold(a, b) : null;
  return numberOf(measure(), constant !== null && Number.isFinite(constant) ? constant : null);
}

const sum: TypeRule = (operands) => {
  operands.alike(COMPARABLE, ALIKE);
  const measure = operands.sameUnit('add');
  const [a, b] = operands.types as readonly [Type, Type];
  if (operands.types.every(({ kinds }) => kinds === TEXT)) return TEXT_TYPE;
  if (operands.types.every(({ kinds }) => kinds === LIST)) return withKinds(join(a, b), LIST);
  return numeric(
    operands,
    () => beyondShare(measure),
    (x, y) => x + y,
  );
};

const difference: TypeRule = (operands) => {
  operands.each(NUMERIC, 'two numbers');
  const measure = operands.sameUnit('subtract');
  // The remainder to 100 percent.
  if (operands.constant(0) === 100) operands.checkShareRange();
  // The remainder of a share is a share too.
  const isRest = operands.constant(0) === 1 && operands.type(1).measure === SHARE;
  return numeric(
    operands,
    () => (isRest ? SHARE : beyondShare(measure)),
    (x, y) => x - y,
  );
};

const times: TypeRule = (operands) => {
  const wants = 'two numbers, or a text or list and a whole number';
  operands.each(NUMERIC | TEXT | LIST, wants);
  const isRepeated = operands.types.some(({ kinds }) => (kinds & (TEXT | LIST)) !== 0);
  if (isRepeated && operands.types.every(({ kinds }) => (kinds & (NUMERIC | UNKNOWN | OPEN)) === 0))
    operands.one(1, NUMERIC, wants);
  const [a, b] = operands.types as readonly [Type, Type];
  if (isRepeated && !operands.types.some((type) => has(type, UNKNOWN | OPEN))) {
    const number = has(a, NUMERIC) && has(b, NUMERIC) ? numberOf(UNCLEAR) : NEVER;
    return operands.types
      .map((type) => ({ ...withKinds(type, type.kinds & (TEXT | LIST)), constant: null }))
      .reduce(join, number);
  }
  return numeric(
    operands,
    () => product(a.measure, b.measure, 1, operands.constant(b.measure === PLAIN ? 1 : 0)),
    (x, y) => x * y,
  );
};

const quotient: TypeRule = (operands) => {
  operands.each(NUMERIC, 'two numbers');
  operands.notZero(1);
  const [a, b] = operands.types as readonly [Type, Type];
  // Dividing a size by a literal size gives a count, not a share.
  const result = product(a.measure, b.measure, -1, operands.constant(1));
  const measure = result === RATIO && operands.expressions[1]?.kind === 'literal' ? COUNT : result;
  return numeric(
    operands,
    () => measure,
    (x, y) => x / y,
  );
};

const rest: TypeRule = (operands) => {
  operands.each(NUMERIC, 'two numbers');
  const measure = operands.sameUnit('divide');
  return numeric(operands, () => measure, null);
};

const shifted: TypeRule = (operands) => {
  operands.each(NUMERIC, 'two whole numbers');
  return numeric(operands, () => (operands.type(0).measure === PLAIN ? PLAIN : UNCLEAR), null);
};

const ordered: TypeRule = (operands) => {
  operands.ordered(ALIKE);
  operands.sameUnit('compare');
  operands.checkShareRange();
  return TRUTH;
};

/** A guest compared with a string: its name is meant. */
function nameHint({ types, expressions }: Operands): string | null {
  const at = types.findIndex((type) => (type.kinds & ~ENTITY) === 0);
  if (at === -1 || types[1 - at]?.kinds !== TEXT) return null;
  const entity = expressions[at];
  return entity?.kind === 'variable'
    ? `its name is (${entity.name}.Prop "name")`
    : 'its name is a property: (NAME.Prop "name")';
}

const equal: TypeRule = (operands) => {
  if (operands.neverEqual) operands.warn(1, () => catalogue.neverEqual(operands.name, nameHint(operands)));
  else operands.sameUnit('compare');
  return TRUTH;
};

/** The least or greatest argument. */
const extreme: TypeRule = (operands) => {
  // A single argument is not compared.
  if (operands.count === 1) return operands.type(0);
  operands.ordered('numbers, texts or lists, all alike');
  const measure = operands.sameUnit('compare');
  const either = operands.types.reduce(join);
  if (operands.failed || operands.types.some(({ kinds }) => kinds === 0)) return NEVER;
  return { ...either, measure, constant: null };
};

const firstKnown: TypeRule = (operands) => {
  operands.sameUnit('choose between');
  const last = operands.type(operands.count - 1);
  return {
    ...operands.types
      .slice(0, -1)
      .map((each) => known(each))
      .reduceRight((rest, each) => join(each, rest), last),
    constant: null,
  };
};

/** The type of a value that is not nil; nothing for one that always is. */
const known = (value: Type): Type => withKinds(value, value.kinds & ~NIL);

const limited: TypeRule = (operands) => {
  operands.each(NUMERIC, 'numbers');
  const measure = operands.sameUnit('compare');
  return numeric(operands, () => measure, null);
};

const sameNumber: TypeRule = (operands) => {
  operands.each(NUMERIC, 'a number');
  return numeric(operands, () => operands.type(0).measure, null);
};

const truth: TypeRule = () => TRUTH;

const list: TypeRule = ({ types }) => listOf(types.length === 0 ? NEVER : types.reduce(join));

const nthOf: TypeRule = (operands) => {
  operands.one(0, LIST | TEXT, 'a list or a text first');
  operands.one(1, NUMERIC, 'a whole number second');
  operands.inUnit(1, COUNT, 'nth');
  return orNil(elementOf(operands.type(0)));
};

const wholeNumbers: TypeRule = (operands) => {
  operands.each(NUMERIC, 'whole numbers');
  return operands.failed ? NEVER : listOf(numberOf(operands.sameUnit('mix')));
};

/** `(starts-with "db" (vm.Prop "name"))`: nobody looks for the name of a guest in a fixed text. */
function warnOfSwapped(operands: Operands): void {
  const [first, second] = operands.expressions;
  if (first?.kind === 'literal' && second?.kind === 'method' && second.callee.attribute === 'Prop')
    operands.warn(0, () => catalogue.swappedTexts(operands.name, writtenAt(operands, 0), writtenAt(operands, 1)));
}

const twoTexts: TypeRule = (operands) => {
  operands.each(TEXT, 'texts');
  warnOfSwapped(operands);
  return TRUTH;
};

const textAndPattern: TypeRule = (operands) => {
  operands.each(TEXT, 'texts');
  warnOfSwapped(operands);
  const pattern = operands.text(1);
  const fault = pattern === null ? null : operands.patterns.fault(pattern);
  if (fault) operands.fail(1, () => fault);
  return TRUTH;
};

const joined: TypeRule = (operands) => {
  operands.each(TEXT | NUMERIC, 'texts and numbers');
  return TEXT_TYPE;
};

const formatted: TypeRule = (operands) => {
  operands.one(0, TEXT, 'a text first');
  const template = operands.text(0);
  const fault = template === null ? null : templateFault(template, operands.count - 1);
  if (fault) operands.fail(0, () => fault);
  const places = template === null || fault ? [] : placesOf(template);
  for (const [at, place] of places.entries())
    if (place !== '{}') operands.one(at + 1, NUMERIC, `a number for ${place}`);
  return TEXT_TYPE;
};

const writtenAt = ({ expressions }: Operands, index: number): string =>
  operandText((expressions[index] as { readonly span: Span }).span);

const tagged: TypeRule = (operands) => {
  const guest = operands.types.findIndex(({ kinds }) => kinds !== 0 && (kinds & ~ENTITY) === 0);
  if (guest > 0 && operands.type(0).kinds === TEXT) {
    operands.fail(0, () => catalogue.guestFirst(writtenAt(operands, guest), writtenAt(operands, 0)));
    return TRUTH;
  }
  operands.one(0, ENTITY, 'a guest');
  for (let index = 1; index < operands.count; index += 1) {
    operands.one(index, TEXT, 'labels in quotes');
    const label = operands.text(index);
    if (label !== null && !LABEL.test(label)) operands.warn(index, () => catalogue.neverALabel(label));
  }
  return TRUTH;
};

const NAME = 'a name in quotes';

const hysteresis: TypeRule = (operands) => {
  operands.one(0, TEXT, NAME);
  for (const index of [1, 2, 3]) operands.one(index, NUMERIC, 'numbers');
  operands.sameUnit('compare', 1);
  const [low, high] = [operands.constant(2), operands.constant(3)];
  const isAlike = operands.type(2).measure.text === operands.type(3).measure.text;
  if (isAlike && low !== null && high !== null && low > high)
    operands.fail(2, () => catalogue.hysteresisBounds(writtenAt(operands, 2), writtenAt(operands, 3)));
  return TRUTH;
};

const marked: TypeRule = (operands) => {
  operands.one(0, TEXT, NAME);
  return NIL_TYPE;
};

const sinceMark: TypeRule = (operands) => {
  operands.one(0, TEXT, NAME);
  return orNil(numberOf(SECONDS));
};

/** The result type of each plain builtin, derived from its arguments. */
export const TYPE_RULES: Readonly<Record<PlainName, TypeRule>> = {
  add: sum,
  sub: difference,
  mul: times,
  div: quotient,
  shl: shifted,
  shr: shifted,
  clamp: limited,
  floor: sameNumber,
  ceil: sameNumber,
  round: sameNumber,
  mod: rest,
  lt: ordered,
  gt: ordered,
  lte: ordered,
  gte: ordered,
  eq: equal,
  neq: equal,
  min: extreme,
  max: extreme,
  tagged,
  default: firstKnown,
  not: truth,
  null: truth,
  valid: truth,
  list,
  nth: nthOf,
  range: wholeNumbers,
  'starts-with': twoTexts,
  matches: textAndPattern,
  concat: joined,
  format: formatted,
  hysteresis,
  mark: marked,
  'time-since': sinceMark,
};
