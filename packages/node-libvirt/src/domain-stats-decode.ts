import { DOMAIN_MIN_BYTES, readDomain } from './domain-ref.ts';
import { LISTS_IN, OPEN_GROUPS, PLACES, type FieldKind, type Place } from './domain-stats-fields.ts';
import type { DomainStats } from './domain-stats.ts';
import { DOMAIN_LIST_MAX, STATS_PARAMS_MAX } from './protocol.ts';
import { visitTypedParams, type TypedValue } from './typed-params.ts';
import type { XdrReader } from './xdr.ts';

/** A domain and its parameter count. */
const RECORD_MIN_BYTES = DOMAIN_MIN_BYTES + 4;

/** Reads the reply of CONNECT_GET_ALL_DOMAIN_STATS. */
export function readAllDomainStats(reader: XdrReader): DomainStats[] {
  return reader.array(DOMAIN_LIST_MAX, RECORD_MIN_BYTES, readDomainStats);
}

type Group = Record<string, unknown>;
type Element = Record<string, unknown> & { index: number };

/** A parsed name: its place, and the numbers in it. */
interface Address extends Place {
  readonly indices: readonly number[];
}

function readDomainStats(reader: XdrReader): DomainStats {
  const domain = readDomain(reader);
  const stats: Record<string, unknown> = { domain };
  const other = Object.create(null) as Record<string, TypedValue>;
  const lists = new ListIndex();
  visitTypedParams(reader, STATS_PARAMS_MAX, (name, _type, value) => {
    const address = addressOf(name);
    if (address !== null && fits(address.kind, value)) {
      const group = (stats[address.group] ??= newNode(address.group)) as Group;
      const target = address.lists.reduce<Group>(
        (node, list, depth) => lists.element(node, list, address.indices[depth] ?? 0),
        group,
      );
      target[address.field] = value;
    } else if (address !== null || !placeInOpenGroup(stats, name, value)) {
      other[name] = value;
    }
  });
  stats['other'] = other;
  return stats as unknown as DomainStats;
}

function newNode(kind: string): Group {
  const node: Group = {};
  for (const list of LISTS_IN[kind] ?? []) node[list] = [];
  return node;
}

/** Finds elements of lists by index. Usually elements arrive in order, but the protocol does not require it. */
class ListIndex {
  readonly #byIndex = new Map<Element[], Map<number, Element>>();

  element(node: Group, list: string, index: number): Element {
    const elements = node[list] as Element[];
    const last = elements.at(-1);
    if (last !== undefined && last.index === index) return last;
    let known = this.#byIndex.get(elements);
    if (known === undefined) this.#byIndex.set(elements, (known = new Map()));
    let element = known.get(index);
    if (element === undefined) {
      element = { index, ...newNode(list) };
      elements.push(element);
      known.set(index, element);
    }
    return element;
  }
}

function fits(kind: FieldKind, value: TypedValue): boolean {
  return kind === 'int64' ? typeof value === 'number' || typeof value === 'bigint' : typeof value === kind;
}

function placeInOpenGroup(stats: Record<string, unknown>, name: string, value: TypedValue): boolean {
  const dot = name.indexOf('.');
  const prefix = name.slice(0, dot);
  if (dot < 1 || !Object.hasOwn(OPEN_GROUPS, prefix) || !OPEN_GROUPS[prefix]?.(value)) return false;
  const group = (stats[prefix] ??= Object.create(null)) as Record<string, TypedValue>;
  group[name.slice(dot + 1)] = value;
  return true;
}

/** Every reply contains the same names, so addresses are cached; limited, because a server can send arbitrary names. */
const CACHE_MAX_SIZE = 8192;
const CACHE_MAX_NAME_LENGTH = 128;
const addressCache = new Map<string, Address | null>();

function addressOf(name: string): Address | null {
  const cached = addressCache.get(name);
  if (cached !== undefined) return cached;
  const indices: number[] = [];
  const pattern = name.replace(/\.(\d{1,9})(?=\.)/g, (_match, digits: string) => {
    indices.push(Number(digits));
    return '.#';
  });
  const place = PLACES.get(pattern);
  const address = place === undefined || place.lists.length !== indices.length ? null : { ...place, indices };
  if (addressCache.size < CACHE_MAX_SIZE && name.length <= CACHE_MAX_NAME_LENGTH) addressCache.set(name, address);
  return address;
}
