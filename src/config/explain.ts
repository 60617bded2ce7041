import { z } from 'zod';
import type { ConfigProblem } from './problem.ts';
import { configSchema } from './schema.ts';
import { suggest } from './suggest.ts';
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
export function keyTree(schema: z.ZodType = configSchema, path: readonly string[] = []): KeyNode {
  const shape = shapeOf(schema);
  const keys = shape === null ? [] : Object.entries(shape).map(([name, inner]) => keyTree(inner as z.ZodType, [...path, name]));
  return { path, schema, keys };
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | null {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodArray) return shapeOf(schema.element);
  if (schema instanceof z.ZodPipe) return shapeOf(schema.def.out);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return shapeOf(schema.def.innerType);
  return null;
}

const ALL_KEYS = keyTree();

/** `guests.balloon_min[0].min`; an empty key is `[""]`. */
export function keyName(path: KeyPath): string {
  return path.reduce<string>((name, part) => (typeof part === 'number' || part === '' ? `${name}[${JSON.stringify(part)}]` : name === '' ? part : `${name}.${part}`), '');
}

/** What zod found, as problems with their places. One key has one problem: the first. */
export function explain(issues: readonly z.core.$ZodIssue[], yaml: YamlText, file: string): ConfigProblem[] {
  const seen = new Set<string>();
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path as KeyPath;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ file, ...yaml.keyAt([...path, key]), message: unknownKey(key, path) }));
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

function unknownKey(key: string, path: KeyPath): string {
  const names = path.filter((part) => typeof part === 'string');
  const here = names.reduce((node, name) => node.keys.find((inner) => inner.path.at(-1) === name) ?? node, ALL_KEYS);
  const where = path.length === 0 ? '' : ` in ${keyName(path)}`;
  const known = here.keys.map((inner) => inner.path.at(-1) ?? '');
  const meant = suggest(key, known);
  if (meant !== undefined) return `unknown key ${show(key)}${where}; did you mean "${meant}"?`;
  const elsewhere = everyKey(ALL_KEYS).find((node) => node.path.at(-1) === key);
  if (elsewhere !== undefined) return `unknown key ${show(key)}${where}; did you mean "${keyName(elsewhere.path)}"?`;
  return `unknown key ${show(key)}${where}; the keys here are ${known.join(', ')}`;
}

export function everyKey(node: KeyNode): readonly KeyNode[] {
  return node.keys.flatMap((inner) => [inner, ...everyKey(inner)]);
}
