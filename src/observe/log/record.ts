import { escapeControls } from '../../model/text.ts';

/** One line of pino's, read back. */
export interface LogRecord {
  readonly level: string;
  /** ISO 8601. */
  readonly time: string;
  /** The component; absent for the program as a whole. */
  readonly name?: string;
  readonly msg?: string;
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** The record with everything that came from outside on its own line and without power over a terminal. */
export function readRecord(line: string): LogRecord {
  return sanitized(JSON.parse(line)) as LogRecord;
}

function sanitized(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return key === 'stack' ? value : escapeControls(value);
  if (Array.isArray(value)) return value.map((item) => sanitized(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [escapeControls(name), sanitized(inner, name)]),
  );
}

/**
 * The stack of an error as lines that cannot be taken for lines of their own: a message inside it may hold a
 * guest's name.
 */
export function stackLines(record: LogRecord): string {
  const stack = record.err?.stack;
  if (typeof stack !== 'string') return '';
  return stack
    .split('\n')
    .map((line) => `    | ${escapeControls(line)}\n`)
    .join('');
}
