import { anyOf, type CallConsequences, type Consequences, type Fact, type GivenFact, type Place } from './flow.ts';
import { BOOLEAN, LIST, NIL, NIL_TYPE, NUMBER, OPEN, TEXT, UNKNOWN, type Type } from './type.ts';

/** The result of inference for one expression. */
export interface Outcome {
  readonly type: Type;
  /** The facts that follow from it being true or false; null: none. */
  readonly when: Consequences | null;
  /** Its constant truth value, from the text and declarations; null if it varies. */
  readonly truth: boolean | null;
  /** The places it was read from, if it was not computed: the variable, and the source of the variable. */
  readonly places: readonly Place[];
  /** Whether its constant truth value is already reported. */
  readonly reported: boolean;
  /** A reading that is declared as never nil. Variables do not count, because the author may use them as switches. */
  readonly declared: boolean;
}

/**
 * Facts and places that are followed for one value. A chain of copies, or a condition built from itself again and again, would
 * otherwise double them at each step; knowing fewer only weakens the checks.
 */
const MAX_FACTS = 64;
const MAX_PLACES = 16;

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

/** A value that is read. @param when further facts that follow from a variable's truth value */
export function reading(type: Type, places: readonly Place[], when: Consequences | null, declared: boolean): Outcome {
  return { type, when, truth: null, places: places.slice(0, MAX_PLACES), reported: false, declared };
}

/** The facts that follow from the truth value, including whether a read value is nil. Computed only for conditions. */
export function consequences({ when, places }: Outcome): Consequences | null {
  if (places.length === 0) return when;
  return {
    whenTrue: [...factsAt(places, ~NIL), ...(when?.whenTrue ?? [])].slice(0, MAX_FACTS),
    whenFalse: [...factsAt(places, FALSY), ...(when?.whenFalse ?? [])].slice(0, MAX_FACTS),
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

/** The fact that no argument is nil. */
export function notNil(args: readonly Outcome[]): readonly Fact[] {
  return factsOf(args, ~NIL);
}

/** Kinds with false values; the host, guests and functions are always true. */
const FALSY = NIL | BOOLEAN | NUMBER | TEXT | LIST | OPEN | UNKNOWN;
/** Kinds with empty values. */
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

/** `(valid A …)`: true if no argument is nil. */
export function valid(args: readonly Outcome[]): Pick<Outcome, 'when' | 'truth'> {
  const whenTrue = notNil(args);
  const whenFalse = args.length === 1 ? factsOf(args, NIL | UNKNOWN) : [];
  const never = args.length > 0 && args.every(({ declared }) => declared);
  return { when: { whenTrue, whenFalse }, truth: never ? true : null };
}

/** `(null A …)`: true if every argument is nil or empty. */
export function empty(args: readonly Outcome[]): Pick<Outcome, 'when' | 'truth'> {
  const whenTrue = factsOf(args, EMPTY);
  const whenFalse = args.length === 1 ? notNil(args) : [];
  const never = args.some(({ declared, type }) => declared && (type.kinds & EMPTY) === 0);
  return { when: { whenTrue, whenFalse }, truth: never ? false : null };
}

/** `==` with nil, or with a value that is not nil. */
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

/** `and`: true if all arguments are; false if one is false after only true ones. */
export function conjunction(args: readonly (Consequences | null)[]): Consequences {
  const all = args.map((each) => each ?? NONE);
  const before: Fact[] = [];
  const alternatives = all.map(({ whenTrue, whenFalse }) => {
    const alternative = [...before, ...whenFalse];
    before.push(...whenTrue.slice(0, MAX_FACTS - before.length));
    return alternative;
  });
  return { whenTrue: before, whenFalse: anyOf(alternatives) };
}

export function swapped(when: Consequences | null): Consequences | null {
  return when && { whenTrue: when.whenFalse, whenFalse: when.whenTrue };
}

/**
 * The facts about what a function was given, of all that its body establishes.
 * @param given the roots of its parameters and of the names that it reads from its callers
 */
export function aboutGiven(
  when: Consequences | null,
  given: ReadonlyMap<string, number | string>,
): CallConsequences | null {
  if (when === null) return null;
  const known = (facts: readonly Fact[]): readonly GivenFact[] =>
    facts.flatMap(({ place: { root, reading }, kinds }) => {
      const of = given.get(root);
      return of === undefined ? [] : [{ given: of, reading, kinds }];
    });
  const [whenTrue, whenFalse] = [known(when.whenTrue), known(when.whenFalse)];
  return whenTrue.length + whenFalse.length === 0 ? null : { whenTrue, whenFalse };
}

/** The facts about the arguments of a call. @param placesOf the places of what the function was given */
export function aboutArguments(
  when: CallConsequences | null,
  placesOf: (given: number | string) => readonly Place[],
): Consequences | null {
  if (when === null) return null;
  const known = (facts: readonly GivenFact[]): readonly Fact[] =>
    facts.flatMap(({ given, reading, kinds }) =>
      placesOf(given).flatMap((place) => {
        if (reading === '') return [{ place, kinds }];
        return place.reading === '' ? [{ place: { root: place.root, reading }, kinds }] : [];
      }),
    );
  return { whenTrue: known(when.whenTrue).slice(0, MAX_FACTS), whenFalse: known(when.whenFalse).slice(0, MAX_FACTS) };
}
