import { NIL, type Type } from './type.ts';

/** A stable location: the value of a name, or a reading of the entity that it holds. */
export interface Place {
  /** The name and the version of its value: `vm@3`. */
  readonly root: string;
  /** '' for the value itself, otherwise `swap_in`, `StatRate swap_in`. */
  readonly reading: string;
}

/** The value at the place is of these kinds. */
export interface Fact {
  readonly place: Place;
  readonly kinds: number;
}

/** The facts implied by a value being true or false. */
export interface Consequences {
  readonly whenTrue: readonly Fact[];
  readonly whenFalse: readonly Fact[];
}

/** A fact about what a function is given: a parameter, by its number, or a name that it reads from its callers. */
export interface GivenFact {
  readonly given: number | string;
  readonly reading: string;
  readonly kinds: number;
}

/** The facts implied by the result of a call being true or false. */
export interface CallConsequences {
  readonly whenTrue: readonly GivenFact[];
  readonly whenFalse: readonly GivenFact[];
}

/** A variable of a scope, with its current value. */
export interface BoundValue {
  readonly type: Type;
  /** Identifies the value: facts are about one value. */
  readonly version: string;
  readonly scope: number;
  /** The number of calls so far that may have changed variables. */
  readonly epoch: number;
  readonly when: Consequences | null;
  /** The places that the value was copied from, if it was not computed. */
  readonly from: readonly Place[];
}

/**
 * Variables and facts known at one point of the program. A flow is layered over the enclosing one, so that a branch stores
 * only its own changes. Facts describe values, which never change, so facts are never revoked.
 */
export class Flow {
  readonly scope: number;
  readonly #outer: Flow | null;
  readonly #bindings = new Map<string, BoundValue>();
  readonly #facts = new Map<string, Map<string, number>>();

  constructor(scope: number, outer: Flow | null = null) {
    this.scope = scope;
    this.#outer = outer;
  }

  /** A branch that may not run. */
  branch(): Flow {
    return new Flow(this.scope, this);
  }

  binding(name: string): BoundValue | undefined {
    return this.#bindings.get(name) ?? this.#outer?.binding(name);
  }

  bind(name: string, binding: BoundValue): void {
    this.#bindings.set(name, binding);
  }

  /** The possible kinds of a place; all bits if unknown. */
  kindsAt({ root, reading }: Place): number {
    const own = this.#facts.get(root)?.get(reading) ?? -1;
    return this.#outer === null ? own : own & this.#outer.kindsAt({ root, reading });
  }

  /** The readings of a value that are known not to be nil. */
  nonNilOf(root: string): ReadonlySet<string> {
    const nonNil = new Set<string>();
    for (let flow: Flow | null = this; flow !== null; flow = flow.#outer) {
      for (const [reading, kinds] of flow.#facts.get(root) ?? [])
        if (reading !== '' && (kinds & NIL) === 0) nonNil.add(reading);
    }
    return nonNil;
  }

  learn({ place: { root, reading }, kinds }: Fact): void {
    let facts = this.#facts.get(root);
    if (!facts) this.#facts.set(root, (facts = new Map()));
    facts.set(reading, (facts.get(reading) ?? -1) & kinds);
  }

  learnAll(facts: readonly Fact[]): void {
    for (const fact of facts) this.learn(fact);
  }

  /** Adds the changes of an inner part that always runs, such as an inner scope. */
  absorb(inner: Flow): void {
    for (const [root, facts] of inner.#facts)
      for (const [reading, kinds] of facts) this.learn({ place: { root, reading }, kinds });
    for (const [name, binding] of inner.#bindings)
      if (inner.scope === this.scope || binding.scope !== inner.scope) this.#bindings.set(name, binding);
  }

  /** Adds the common changes of two branches, one of which has run. */
  absorbEither(
    a: Flow,
    b: Flow,
    merge: (name: string, a: BoundValue | undefined, b: BoundValue | undefined) => BoundValue,
  ): void {
    for (const [root, facts] of a.#facts) {
      for (const [reading, kinds] of facts) {
        const other = b.#facts.get(root)?.get(reading);
        if (other !== undefined) this.learn({ place: { root, reading }, kinds: kinds | other });
      }
    }
    for (const name of new Set([...a.#bindings.keys(), ...b.#bindings.keys()]))
      this.#bindings.set(name, merge(name, a.binding(name), b.binding(name)));
  }

  /** After an error, the rest of a file has not run, so it established no facts. */
  forgetFacts(): void {
    this.#facts.clear();
  }
}

/** The facts common to all alternatives. */
export function anyOf(alternatives: readonly (readonly Fact[])[]): readonly Fact[] {
  const [first, ...others] = alternatives.map(byPlace);
  if (!first) return [];
  return [...first].flatMap(([key, fact]) => {
    let { kinds } = fact;
    for (const other of others) {
      const same = other.get(key);
      if (!same) return [];
      kinds |= same.kinds;
    }
    return [{ place: fact.place, kinds }];
  });
}

function byPlace(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  const found = new Map<string, Fact>();
  for (const fact of facts) {
    const key = `${fact.place.root} ${fact.place.reading}`;
    const known = found.get(key);
    found.set(key, known ? { place: fact.place, kinds: known.kinds & fact.kinds } : fact);
  }
  return found;
}
