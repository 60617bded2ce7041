import { matchesPattern } from '../../model/guest-pattern.ts';
import { labelsIn } from '../../model/labels.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import type { GuestView } from '../../model/snapshot.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { near } from '../../support/near.ts';
import type { DeclaredParams } from './param-checks.ts';
import { readParamValue } from './param-value.ts';

/** What the operator has set for parameters of the policy, resolved for the guests of one evaluation. */
export interface ParamValues {
  /** By the parameter's name; in the base unit of its dimension. */
  readonly values: ReadonlyMap<string, number | string>;
  /** Values for single guests: by the parameter's name, then by uuid. */
  readonly guests: ReadonlyMap<string, ReadonlyMap<string, number | string>>;
}

/** An override that fits the parameter that it names. */
export type BoundOverride<T extends ParamOverride = ParamOverride> = T & { readonly value: number | string };

/** An override, and what is to be said of it. */
export interface Judged<T extends ParamOverride = ParamOverride> {
  readonly override: T;
  readonly fault: Fault;
}

/**
 * Overrides that fit the declared parameters, with their values, and the others with what is wrong with them. Each kind stays in order.
 * `doubtful` are those among the first that may be meant otherwise.
 */
export function bindOverrides<T extends ParamOverride>(
  { params, fixed }: DeclaredParams,
  overrides: readonly T[],
): {
  readonly bound: readonly BoundOverride<T>[];
  readonly wrong: readonly Judged<T>[];
  readonly doubtful: readonly Judged<T>[];
} {
  const byName = new Map(params.map((param) => [param.name, param]));
  const bound: BoundOverride<T>[] = [];
  const wrong: Judged<T>[] = [];
  const doubtful: Judged<T>[] = [];
  for (const override of overrides) {
    const { name, given } = override;
    const param = byName.get(name);
    const place = fixed.get(name);
    if (param === undefined)
      wrong.push({ override, fault: catalogue.unknownParam(name, near(name, [...byName.keys()]), [...byName.keys()]) });
    else if (place)
      wrong.push({ override, fault: catalogue.fixedParam(name, `${place.file}:${place.line}:${place.column}`) });
    else {
      const read = readParamValue(param, given);
      if ('fault' in read) wrong.push({ override, fault: read.fault });
      else {
        bound.push({ ...override, value: read.value });
        if (read.doubt) doubtful.push({ override, fault: read.doubt });
      }
    }
  }
  return { bound, wrong, doubtful };
}

type Guest = Pick<GuestView, 'name' | 'uuid' | 'props'>;
type Value = number | string;

/** The values of one parameter for some guests: of each list the first that fits. */
interface Rules {
  readonly patterns: { readonly pattern: string; readonly value: Value }[];
  readonly labels: { readonly label: string; readonly value: Value }[];
}

/** What is known of a guest as long as its name and labels stay. */
interface Known {
  readonly name: string;
  readonly labels: string;
  readonly own: readonly (readonly [parameter: string, value: Value])[];
}

/**
 * Turns overrides into what an evaluation reads. For a guest the first pattern that its name matches counts, then the first label that
 * it has, then the value for all. Asked in every interval: what stays the same is not looked at again.
 */
export class ParamResolver {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #rules: ReadonlyMap<string, Rules>;
  #known: ReadonlyMap<string, Known> = new Map();
  #latest: ParamValues;

  constructor(overrides: readonly BoundOverride[]) {
    const values = new Map<string, Value>();
    const rules = new Map<string, Rules>();
    for (const { name, target, value } of overrides) {
      if (target.kind === 'all') {
        values.set(name, value);
        continue;
      }
      const own = rules.get(name) ?? { patterns: [], labels: [] };
      rules.set(name, own);
      if (target.kind === 'guest') own.patterns.push({ pattern: target.pattern, value });
      else own.labels.push({ label: target.label, value });
    }
    this.#values = values;
    this.#rules = rules;
    this.#latest = { values, guests: new Map() };
  }

  resolve(guests: readonly Guest[]): ParamValues {
    if (this.#rules.size === 0 || this.#isKnown(guests)) return this.#latest;
    const known = new Map<string, Known>();
    const own = new Map<string, Map<string, Value>>();
    for (const guest of guests) {
      const before = this.#known.get(guest.uuid);
      const now = before && isSame(before, guest) ? before : this.#look(guest);
      known.set(guest.uuid, now);
      for (const [parameter, value] of now.own) {
        const byUuid = own.get(parameter);
        if (byUuid) byUuid.set(guest.uuid, value);
        else own.set(parameter, new Map([[guest.uuid, value]]));
      }
    }
    this.#known = known;
    this.#latest = { values: this.#values, guests: own };
    return this.#latest;
  }

  #isKnown(guests: readonly Guest[]): boolean {
    if (guests.length !== this.#known.size) return false;
    for (const guest of guests) {
      const before = this.#known.get(guest.uuid);
      if (!before || !isSame(before, guest)) return false;
    }
    return true;
  }

  #look({ name, props }: Guest): Known {
    const labels = labelTextOf(props);
    const has = new Set(labelsIn(labels));
    const own = [...this.#rules].flatMap(([parameter, { patterns, labels: byLabel }]): [string, Value][] => {
      const rule =
        patterns.find(({ pattern }) => matchesPattern(pattern, name)) ?? byLabel.find(({ label }) => has.has(label));
      return rule ? [[parameter, rule.value]] : [];
    });
    return { name, labels, own };
  }
}

function isSame(known: Known, { name, props }: Guest): boolean {
  return known.name === name && known.labels === labelTextOf(props);
}

function labelTextOf(props: Guest['props']): string {
  const labels = props['labels'];
  return typeof labels === 'string' ? labels : '';
}
