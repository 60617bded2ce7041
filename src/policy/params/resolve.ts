import { matchesPattern } from '../../model/guest-pattern.ts';
import { labelsIn } from '../../model/labels.ts';
import type { GuestView } from '../../model/snapshot.ts';
import type { BoundOverride } from './bind.ts';

/** Parameter overrides, resolved for the guests of one evaluation. */
export interface ParamValues {
  /** By parameter name, in the base unit of the dimension. */
  readonly values: ReadonlyMap<string, number | string>;
  /** Values for single guests, by parameter name and UUID. */
  readonly guests: ReadonlyMap<string, ReadonlyMap<string, number | string>>;
}

type Guest = Pick<GuestView, 'name' | 'uuid' | 'props'>;
type Value = number | string;

/** The rules of one parameter: in each list the first match wins. */
interface Rules {
  readonly patterns: { readonly pattern: string; readonly value: Value }[];
  readonly labels: { readonly label: string; readonly value: Value }[];
}

/** Cached data of a guest; valid while its name and labels stay the same. */
interface Known {
  readonly name: string;
  readonly labels: string;
  readonly own: readonly (readonly [parameter: string, value: Value])[];
}

/**
 * Resolves overrides for evaluations. Precedence for a guest: the first matching pattern, then the first label that
 * it has, then the value for all. Called in every interval, so unchanged guests are cached.
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
      const now = before && isSame(before, guest) ? before : this.#resolve(guest);
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

  #resolve({ name, props }: Guest): Known {
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
