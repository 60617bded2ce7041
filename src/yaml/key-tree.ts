import { z } from 'zod';
import type { KeyPath } from './key-path.ts';

/** One key of a schema. */
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
  for (const form of formsOf(schema)) {
    if (form instanceof z.ZodObject) return form.shape;
    if (form instanceof z.ZodArray) return shapeOf(form.element);
  }
  return null;
}

/** All nodes of a tree without its root. */
export function everyKey(node: KeyNode): readonly KeyNode[] {
  return node.keys.flatMap((inner) => [inner, ...everyKey(inner)]);
}

/** The keys that the value at a path accepts, over all of its forms. */
export function keysAt(schema: z.core.$ZodType, path: KeyPath): readonly string[] {
  const [next, ...rest] = path;
  return formsOf(schema).flatMap((form) => {
    if (form instanceof z.ZodObject) {
      if (next === undefined) return Object.keys(form.shape);
      return Object.hasOwn(form.shape, next) ? keysAt(form.shape[String(next)] as z.ZodType, rest) : [];
    }
    if (next === undefined) return [];
    if (form instanceof z.ZodArray) return keysAt(form.element, rest);
    return form instanceof z.ZodRecord ? keysAt(form.valueType, rest) : [];
  });
}

/** The alternatives of a schema, without wrappers such as optional and default. */
function formsOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(formsOf);
  if (schema instanceof z.ZodPipe) return formsOf(schema.def.out);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return formsOf(schema.def.innerType);
  return [schema];
}
