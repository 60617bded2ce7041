import { isMap, isScalar, parseDocument, YAMLMap, type Document, type Node, type Pair } from 'yaml';
import type { ParamTarget } from '../model/parameter.ts';

export interface ParameterEdit {
  readonly name: string;
  readonly target: ParamTarget;
  /** null: remove the value. */
  readonly given: number | string | null;
}

type Map = YAMLMap<unknown, Node | null>;

/**
 * The text of a parameters file after one change; everything else stays, including comments. null: there is nothing to remove.
 * `parseParameters` must be able to read the text.
 */
export function editParameters(text: string, edit: ParameterEdit): string | null {
  const document: Document = parseDocument(text);
  if (!isMap(document.contents)) document.contents = mapIn(document);
  const root = document.contents as Map;
  keepHead(document, root);
  const changed = edit.given === null ? unset(root, pathOf(edit)) : set(document, root, edit, edit.given);
  if (!changed) return null;
  root.flow &&= root.items.length === 0;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Keeps comments above the first key and an empty line: they describe the file and must not be removed with that key. */
function keepHead(document: Document, root: Map): void {
  const key = root.items[0]?.key;
  const [, head, own] = /^(.*)\n\s*\n(.*)$/s.exec((isScalar(key) ? key.commentBefore : null) ?? '') ?? [];
  if (!isScalar(key) || head === undefined || own === undefined) return;
  document.commentBefore = head;
  key.commentBefore = own === '' ? null : own;
}

function pathOf({ name, target }: ParameterEdit): readonly string[] {
  if (target.kind === 'all') return [name, 'value'];
  return target.kind === 'label' ? [name, 'labels', target.label] : [name, 'guests', target.pattern];
}

function set(document: Document, root: Map, edit: ParameterEdit, given: number | string): true {
  const [name, ...path] = pathOf(edit) as [string, ...string[]];
  const before = pairIn(root, name)?.value ?? null;
  if (edit.target.kind === 'all' && !isMap(before)) {
    put(document, root, name, given);
    return true;
  }
  let map = root;
  for (const key of [name, ...path.slice(0, -1)]) {
    const inner = pairIn(map, key)?.value ?? null;
    const next = isMap(inner) ? (inner as Map) : mapIn(document);
    if (next !== inner) {
      // Expands the short form to a group.
      if (inner !== null && key === name) next.items.push(document.createPair('value', inner) as Pair<unknown, Node>);
      put(document, map, key, next);
    }
    map = next;
  }
  put(document, map, path.at(-1) as string, given);
  return true;
}

function unset(map: Map, [key, ...path]: readonly string[]): boolean {
  const pair = key === undefined ? undefined : pairIn(map, key);
  if (pair === undefined) return false;
  const isShort = path.length === 1 && path[0] === 'value' && !isMap(pair.value);
  if (path.length > 0 && !isShort) {
    if (!isMap(pair.value) || !unset(pair.value as Map, path)) return false;
    if (pair.value.items.length > 0) return true;
  }
  map.items.splice(map.items.indexOf(pair), 1);
  return true;
}

function put(document: Document, map: Map, key: string, value: number | string | Node): void {
  const node = document.createNode(value) as Node;
  const pair = pairIn(map, key);
  if (pair === undefined) {
    map.items.push(document.createPair(key, node) as Pair<unknown, Node>);
    return;
  }
  if (isScalar(node) && pair.value) {
    node.comment = pair.value.comment ?? null;
    node.commentBefore = pair.value.commentBefore ?? null;
  }
  pair.value = node;
}

/** YAML reads a key such as 12 as a number; here all keys are strings. */
function pairIn(map: Map, key: string): Pair<unknown, Node | null> | undefined {
  return map.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key);
}

function mapIn(document: Document): Map {
  return new YAMLMap(document.schema) as Map;
}
