import { z } from 'zod';
import type { KeyPath } from '../../yaml/key-path.ts';
import type { RawScalar } from './raw.ts';

export const rowSchema = z.record(
  z.string(),
  z.union([z.number(), z.string(), z.boolean(), z.null()], { error: 'is a number, a text, true, false, or null' }),
  { error: 'is a row of names and values, such as {free: 1GiB, target: 2GiB}' },
);

type Row = Readonly<Record<string, RawScalar>>;

interface Unknown {
  readonly name: string;
  /** Of the value that has it, within the case. */
  readonly path: KeyPath;
  /** The names of the row. */
  readonly known: readonly string[];
}

/** A case with the values of one table row. */
export interface Filled {
  /** Not validated, apart from the table. */
  readonly raw: unknown;
  /** From 1; null for a case without a table. */
  readonly row: number | null;
  /** Placeholders without a value in the row. */
  readonly unknown: readonly Unknown[];
}

const TABLE = z.looseObject({ for: z.array(rowSchema).min(1) });

/** The cases of a table, one per row. A case without a table, or with an invalid one, is returned unchanged. */
export function rowsOf(raw: unknown): readonly Filled[] {
  const table = TABLE.safeParse(raw);
  if (!table.success) return [{ raw, row: null, unknown: [] }];
  const { for: rows, ...template } = table.data;
  return rows.map((row, at) => {
    const unknown = new Map<string, Unknown>();
    const filled = fill(template, row, [], unknown) as Readonly<Record<string, unknown>>;
    const name =
      filled['name'] === template['name'] ? `${String(filled['name'])} (${rowText(row)})` : String(filled['name']);
    return { raw: 'name' in filled ? { ...filled, name } : filled, row: at + 1, unknown: [...unknown.values()] };
  });
}

function rowText(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

/** A string that consists of one placeholder becomes the value itself. */
function fill(value: unknown, row: Row, path: KeyPath, unknown: Map<string, Unknown>): unknown {
  if (typeof value === 'string') {
    const placeholder = /^\$\{(\w+)\}$/.exec(value)?.[1];
    if (placeholder !== undefined && Object.hasOwn(row, placeholder)) return row[placeholder];
    return value.replace(/\$\{(\w+)\}/g, (text, name: string) => {
      if (Object.hasOwn(row, name)) return String(row[name]);
      if (!unknown.has(name)) unknown.set(name, { name, path, known: Object.keys(row) });
      return text;
    });
  }
  if (Array.isArray(value)) return value.map((item, at) => fill(item, row, [...path, at], unknown));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fill(inner, row, [...path, key], unknown)]),
  );
}
