import { z } from 'zod';
import type { ConfigProblem } from './problem.ts';
import { suggest } from '../support/suggest.ts';
import { keyName } from './key-name.ts';
import { show } from './units.ts';
import type { KeyPath, YamlText } from './yaml.ts';

/** One key as the schema has it. */
export interface KeyNode {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
  /** The keys inside a group, or inside the items of a list of groups. */
  readonly keys: readonly KeyNode[];
}

/** All keys as a tree; the root has an empty path. */
export function keyTree(schema: z.ZodType, path: readonly string[] = []): KeyNode {
  const shape = shapeOf(schema);
  const keys =
    shape === null ? [] : Object.entries(shape).map(([name, inner]) => keyTree(inner as z.ZodType, [...path, name]));
  return { path, schema, keys };
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | null {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodArray) return shapeOf(schema.element);
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.out);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return shapeOf(schema.def.innerType);
  return null;
}

/**
 * What zod found, as problems with their places. One key has one problem: the first.
 * @param allKeys of the file, for suggestions where a key is unknown
 */
export function explain(
  issues: readonly z.core.$ZodIssue[],
  allKeys: KeyNode,
  yaml: YamlText,
  file: string,
): ConfigProblem[] {
  const seen = new Set<string>();
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path as KeyPath;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        file,
        ...yaml.keyAt([...path, key]),
        message: unknownKey(key, path, allKeys),
      }));
    }
    const name = keyName(path);
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ file, ...yaml.valueAt(path), message: name === '' ? issue.message : joined(name, issue.message) }];
  });
}

function joined(name: string, message: string): string {
  return /^(?:is|has) /.test(message) ? `${name} ${message}` : `${name}: ${message}`;
}

function unknownKey(key: string, path: KeyPath, allKeys: KeyNode): string {
  const names = path.filter((part) => typeof part === 'string');
  const here = names.reduce((node, name) => node.keys.find((inner) => inner.path.at(-1) === name) ?? node, allKeys);
  const where = path.length === 0 ? '' : ` in ${keyName(path)}`;
  const known = here.keys.map((inner) => inner.path.at(-1) ?? '');
  const meant = suggest(key, known);
  if (meant !== null) return `unknown key ${show(key)}${where}; did you mean "${meant}"?`;
  const elsewhere = everyKey(allKeys).find((node) => node.path.at(-1) === key);
  if (elsewhere !== undefined) return `unknown key ${show(key)}${where}; did you mean "${keyName(elsewhere.path)}"?`;
  return `unknown key ${show(key)}${where}; the keys here are ${known.join(', ')}`;
}

export function everyKey(node: KeyNode): readonly KeyNode[] {
  return node.keys.flatMap((inner) => [inner, ...everyKey(inner)]);
}
