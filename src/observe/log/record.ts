import { escapeControls } from '../../model/text.ts';

/** A parsed pino line. */
export interface LogRecord {
  readonly level: string;
  /** ISO 8601. */
  readonly time: string;
  /** The component; absent for the root logger. */
  readonly name?: string;
  readonly msg?: string;
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

/** Parses a line. Control characters in all texts are escaped, so that none can break the line or control a terminal. */
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

/** `TEXT (FILE:LINE)` with the place in the policy, if the record has one. */
export function withPlace(text: string, { position }: LogRecord): string {
  return typeof position === 'string' ? `${text} (${position.replace(/:\d+$/, '')})` : text;
}

/**
 * The stack of an error, indented so that its lines cannot pass for log lines: error messages can contain guest names.
 */
export function stackLines(record: LogRecord): string {
  const stack = record.err?.stack;
  if (typeof stack !== 'string') return '';
  return stack
    .split('\n')
    .map((line) => `    | ${escapeControls(line)}\n`)
    .join('');
}
