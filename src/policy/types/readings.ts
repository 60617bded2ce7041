import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { NODE_FIELDS, NODE_GUESTS } from '../../model/numa-nodes.ts';
import { METHODS } from '../builtins/methods.ts';
import { measureOf, perSecond, PLAIN, SECONDS, type Measure } from './measure.ts';
import type { MethodRule } from './method-rules.ts';
import type { Owner } from '../values/owner.ts';
import { Shares } from './shares.ts';
import {
  ANYTHING,
  BOOLEAN,
  fieldType,
  FUNCTION_TYPE,
  GUEST,
  GUESTS_TYPE,
  has,
  HOST,
  isNode,
  isUnknown,
  join,
  NEVER,
  NIL_TYPE,
  NUMBER,
  numberOf,
  OPEN,
  orNil,
  STORED,
  TEXT_TYPE,
  withKinds,
  type Type,
} from './type.ts';

const NODE_TYPES: ReadonlyMap<string, Type> = new Map([
  ...NODE_FIELDS.map((field) => [field.name, fieldType(field)] as const),
  [NODE_GUESTS.name, GUESTS_TYPE],
]);

/** The types of fields, controls and methods of a vocabulary. */
export class Readings {
  readonly #fields: Readonly<Record<Owner, ReadonlyMap<string, FieldDecl>>>;
  readonly #controls: Readonly<Record<Owner, ReadonlyMap<string, ControlDecl>>>;
  readonly #found = new Map<string, Type>();
  readonly shares: Shares;

  constructor({ hostFields, guestFields, controls }: Vocabulary) {
    const byName = <T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
      new Map(items.map((item) => [item.name, item]));
    this.shares = new Shares([...hostFields, ...guestFields, ...NODE_FIELDS]);
    this.#fields = { host: byName(hostFields), guest: byName(guestFields) };
    this.#controls = {
      host: byName(controls.filter(({ scope }) => scope === 'host')),
      guest: byName(controls.filter(({ scope }) => scope === 'guest')),
    };
  }

  /** `root.attribute`. */
  attribute(root: Type, attribute: string): Type {
    if (isNode(root)) return NODE_TYPES.get(attribute) ?? ANYTHING;
    return this.#once(`. ${attribute}`, root, () => this.#attribute(root, attribute));
  }

  #attribute(root: Type, attribute: string): Type {
    const fields = this.#declared(root, attribute);
    if (fields === null) return ANYTHING;
    if (fields.length === 0) return METHODS.has(attribute) ? FUNCTION_TYPE : ANYTHING;
    return fields.map(fieldType).reduce(join);
  }

  /** Whether a field is a text of every entity that has it. */
  isText(root: Type, name: string): boolean {
    const fields = this.#declared(root, name) ?? [];
    return fields.length > 0 && fields.every(({ type }) => type === 'string');
  }

  /** All values that a field can have; null: any. */
  choices(root: Type, name: string): readonly string[] | null {
    const fields = this.#declared(root, name) ?? [];
    return fields.length === 1 ? (fields[0]?.choices ?? null) : null;
  }

  /** The control that a name refers to; null if ambiguous. */
  control(root: Type, name: string): ControlDecl | null {
    const found = ownersOf(root)?.flatMap((owner) => this.#controls[owner].get(name) ?? []) ?? [];
    return found.length === 1 ? (found[0] as ControlDecl) : null;
  }

  /** `(root.Method "name")`. @param name null: computed */
  method(rule: MethodRule, root: Type, name: string | null): Type {
    switch (rule) {
      case 'nothing':
        return NIL_TYPE;
      case 'stored':
        return STORED;
      case 'asked':
        return this.#requested(root, name);
      case 'param':
        return ANYTHING;
      case 'prop':
        return name === 'name' || name === 'uuid' ? withKinds(TEXT_TYPE, TEXT_TYPE.kinds | OPEN) : ANYTHING;
      default:
        return this.#once(`${rule} ${name ?? ''}`, root, () => this.#statistic(rule, root, name));
    }
  }

  /** Cached: a program repeats few different readings. */
  #once(what: string, root: Type, find: () => Type): Type {
    const key = `${what} ${ownersOf(root)?.join() ?? ''}`;
    let found = this.#found.get(key);
    if (!found) this.#found.set(key, (found = find()));
    return found;
  }

  #statistic(
    rule: 'field' | 'mean' | 'extreme' | 'percentile' | 'growth' | 'rate' | 'age',
    root: Type,
    name: string | null,
  ): Type {
    const fields = name === null ? null : this.#declared(root, name);
    if (rule === 'field') return fields === null || fields.length === 0 ? ANYTHING : fields.map(fieldType).reduce(join);
    // Without samples the method fails; a mandatory field is always in the last one.
    const isOptional = fields === null || fields.length === 0 || fields.some(({ optional }) => optional);
    const number = numberOf(statisticMeasure(rule, fields));
    const mayLack = rule === 'rate' || rule === 'percentile' || (rule !== 'mean' && isOptional);
    return mayLack ? orNil(number) : number;
  }

  #requested(root: Type, name: string | null): Type {
    const control = name === null ? null : this.control(root, name);
    return control === null ? STORED : withKinds(orNil(fieldType({ ...control, optional: true })), STORED.kinds);
  }

  /** The possible fields of a name; null if the entity is unknown. */
  #declared(root: Type, name: string): readonly FieldDecl[] | null {
    return ownersOf(root)?.flatMap((owner) => this.#fields[owner].get(name) ?? []) ?? null;
  }
}

function statisticMeasure(
  rule: 'mean' | 'extreme' | 'percentile' | 'growth' | 'rate' | 'age',
  fields: readonly FieldDecl[] | null,
): Measure {
  if (rule === 'age') return SECONDS;
  const measure = (fields ?? [])
    .filter(({ type }) => type === 'number')
    .map(({ unit }) => numberOf(measureOf(unit)))
    .reduce(join, NEVER).measure;
  if (fields === null || fields.length === 0) return PLAIN;
  return rule === 'rate' ? perSecond(measure) : measure;
}

function ownersOf(root: Type): readonly Owner[] | null {
  if (isUnknown(root) || has(root, NUMBER | BOOLEAN | OPEN)) return null;
  const owners: Owner[] = [];
  if (has(root, HOST)) owners.push('host');
  if (has(root, GUEST)) owners.push('guest');
  return owners.length > 0 ? owners : null;
}
