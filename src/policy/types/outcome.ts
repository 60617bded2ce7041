import { anyOf, type Consequences, type Fact, type Place } from './flow.ts';
import { BOOLEAN, LIST, NIL, NIL_TYPE, NUMBER, OPEN, TEXT, UNKNOWN, type Type } from './type.ts';

/** What is found of one expression. */
export interface Outcome {
  readonly type: Type;
  /** What follows when it is true or false; null: nothing. */
  readonly when: Consequences | null;
  /** What it always is as a condition, by its text and by what is declared; null when that depends. */
  readonly truth: boolean | null;
  /** Where it is read from, if it is simply read: the variable, and what the variable was read from. */
  readonly places: readonly Place[];
  /** That it is always so has been reported already. */
  readonly reported: boolean;
  /** A reading that is never nil, as declared. A variable may be a switch that its author turns by hand. */
  readonly declared: boolean;
}

const NOWHERE: readonly Place[] = [];

export function outcome(type: Type, more?: Partial<Outcome>): Outcome {
  return {
    type,
    when: more?.when ?? null,
    truth: more?.truth ?? null,
    places: more?.places ?? NOWHERE,
    reported: more?.reported ?? false,
    declared: more?.declared ?? false,
  };
}

/** A value that is read. @param when what follows from a variable's value besides that it is there */
export function reading(type: Type, places: readonly Place[], when: Consequences | null, declared: boolean): Outcome {
  return { type, when, truth: null, places, reported: false, declared };
}

/** What follows from the value's being true or false: of what is simply read, that it is there. Only conditions ask. */
export function consequences({ when, places }: Outcome): Consequences | null {
  if (places.length === 0) return when;
  return {
    whenTrue: [...factsAt(places, ~NIL), ...(when?.whenTrue ?? [])],
    whenFalse: [...factsAt(places, FALSY), ...(when?.whenFalse ?? [])],
  };
}

function factsAt(places: readonly Place[], kinds: number): readonly Fact[] {
  return places.map((place) => ({ place, kinds }));
}

function factsOf(args: readonly Outcome[], kinds: number): readonly Fact[] {
  const facts: Fact[] = [];
  for (const { places } of args) for (const place of places) facts.push({ place, kinds });
  return facts;
}

/** That none of them is nil. */
export function notNil(args: readonly Outcome[]): readonly Fact[] {
  return factsOf(args, ~NIL);
}

/** Kinds of which some values are false; host, guests and functions are always true. */
const FALSY = NIL | BOOLEAN | NUMBER | TEXT | LIST | OPEN | UNKNOWN;
/** Kinds of which some values are empty. */
const EMPTY = NIL | TEXT | LIST | UNKNOWN;

const NONE: Consequences = { whenTrue: [], whenFalse: [] };

export function not(operand: Outcome): Pick<Outcome, 'when' | 'truth' | 'reported'> {
  const { truth, reported } = operand;
  const when = consequences(operand);
  return {
    when: when && { whenTrue: when.whenFalse, whenFalse: when.whenTrue },
    truth: truth === null ? null : !truth,
    reported,
  };
}

/** `(valid A …)`: every one is not nil; false: one of them is. */
export function valid(args: readonly Outcome[]): Pick<Outcome, 'when' | 'truth'> {
  const whenTrue = notNil(args);
  const whenFalse = args.length === 1 ? factsOf(args, NIL | UNKNOWN) : [];
  const never = args.length > 0 && args.every(({ declared }) => declared);
  return { when: { whenTrue, whenFalse }, truth: never ? true : null };
}

/** `(null A …)`: every one is nil or empty. */
export function empty(args: readonly Outcome[]): Pick<Outcome, 'when' | 'truth'> {
  const whenTrue = factsOf(args, EMPTY);
  const whenFalse = args.length === 1 ? notNil(args) : [];
  const never = args.some(({ declared, type }) => declared && (type.kinds & EMPTY) === 0);
  return { when: { whenTrue, whenFalse }, truth: never ? false : null };
}

/** `==` with nil, or with something that is not nil. */
export function equality(isEqual: boolean, [a, b]: readonly [Outcome, Outcome]): Consequences {
  const same: Fact[] = [];
  const different: Fact[] = [];
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (other.type === NIL_TYPE) {
      same.push(...factsAt(one.places, NIL | UNKNOWN));
      different.push(...factsAt(one.places, ~NIL));
    } else if ((other.type.kinds & (NIL | UNKNOWN)) === 0) same.push(...factsAt(one.places, ~NIL));
  }
  return isEqual ? { whenTrue: same, whenFalse: different } : { whenTrue: different, whenFalse: same };
}

/** `and` is true when all are; false when one of them is, the ones before it being true. */
export function conjunction(args: readonly (Consequences | null)[]): Consequences {
  const all = args.map((each) => each ?? NONE);
  const before: Fact[] = [];
  const alternatives = all.map(({ whenTrue, whenFalse }) => {
    const alternative = [...before, ...whenFalse];
    before.push(...whenTrue);
    return alternative;
  });
  return { whenTrue: before, whenFalse: anyOf(alternatives) };
}

export function swapped(when: Consequences | null): Consequences | null {
  return when && { whenTrue: when.whenFalse, whenFalse: when.whenTrue };
}
