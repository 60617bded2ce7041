import { isMap, isScalar, isSeq, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { KeyPath } from './key-path.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain data, with the position of every value. */
export interface YamlText {
  /** null when the text has no value. */
  readonly value: unknown;
  /** The value at a path of names; undefined if there is none. */
  at(path: KeyPath): unknown;
  /** The position of a value, or of its nearest existing ancestor. */
  valueAt(path: KeyPath): Place;
  /** The position of the key of a value. */
  keyAt(path: KeyPath): Place;
}

/** @param placeOf returns the position of an offset in the text */
export function withPlaces(document: Document.Parsed, placeOf: (offset: number) => Place): YamlText {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair<Node, Node | null>>>();
  const pairsOf = (map: YAMLMap) => {
    let index = indexes.get(map);
    if (index === undefined) {
      const pairs = map.items as Pair<Node, Node | null>[];
      index = new Map(pairs.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
      indexes.set(map, index);
    }
    return index;
  };
  const find = (path: KeyPath) => {
    let node: Node | null = document.contents;
    let key: Node | null = node;
    for (const segment of path) {
      let next: { readonly key: Node | null; readonly node: Node | null } | undefined;
      if (isMap(node)) {
        const pair = pairsOf(node).get(String(segment));
        if (pair !== undefined) next = { key: pair.key, node: pair.value ?? pair.key };
      } else if (isSeq(node) && typeof segment === 'number') {
        const item = node.items[segment] as Node | undefined;
        if (item !== undefined) next = { key: item, node: item };
      } else {
        // A short form replaces a group of keys: the rest of the path refers to the short form itself.
        continue;
      }
      if (next === undefined) break;
      ({ key, node } = next);
    }
    return { key, node };
  };
  const place = (node: Node | null): Place => placeOf(node === null ? 0 : beginningOf(node));
  const value = document.toJS() as unknown;
  return {
    value,
    at: (path) =>
      path.reduce<unknown>(
        (inner, key) =>
          typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
            ? (inner as Record<string | number, unknown>)[key]
            : undefined,
        value,
      ),
    valueAt: (path) => place(find(path).node),
    keyAt: (path) => place(find(path).key),
  };
}

/** An offset in the text. */
export function beginningOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
