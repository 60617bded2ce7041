import type { z } from 'zod';
import { readLimited } from './read-limited.ts';

/** What a small JSON file must be that one program has written for another, or for its next run. */
export interface JsonFormat<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** A longer file has another origin, and is not parsed. */
  readonly mostBytes: number;
  /** The key of its version, where it has one, and the only version that is understood. */
  readonly version?: readonly [key: string, version: number];
}

/**
 * Reads a JSON file, at most one byte more than {@link parseJson} takes.
 * @returns null: there is no such file
 * @throws NotRegularError, or a Node file system error with its `code`
 */
export async function readJson(path: string, { mostBytes }: { readonly mostBytes: number }): Promise<Buffer | null> {
  try {
    return await readLimited(path, mostBytes + 1, false);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** The content of a JSON file; or what is wrong with it. */
export function parseJson<Schema extends z.ZodType>(
  bytes: Buffer,
  { schema, mostBytes, version }: JsonFormat<Schema>,
): { readonly content: z.output<Schema> } | { readonly wrong: string } {
  if (bytes.length > mostBytes) return { wrong: `it has more than ${mostBytes} bytes` };
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return { wrong: 'it is not JSON' };
  }
  if (version !== undefined) {
    const [key, expected] = version;
    const found = typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>)[key] : null;
    if (typeof found === 'number' && found !== expected)
      return { wrong: `it has version ${found}; this Ballast reads version ${expected}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { content: parsed.data };
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
  return { wrong: `${path.length === 0 ? 'its content' : path.join('.')} is wrong: ${message}` };
}
