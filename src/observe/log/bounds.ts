import { escapeJson, excerpt } from '../../model/text.ts';

/** Characters of one line of the log. Foreign text in it, such as a guest's metadata, may have megabytes. */
export const MAX_LINE = 16 * 1024;

/** Characters of each text in a longer line; less when there are many. */
const TEXT_LENGTHS = [2048, 128] as const;

/** The frames of a stack are at its end, behind the message. */
const STACK_LENGTH = 4096;

/**
 * A line as pino writes it, with long texts cut and, in JSON, without characters that can disguise text on a terminal: the value
 * that a program reads stays the same.
 */
export function boundedLine(line: string): string {
  return escapeJson(line.length <= MAX_LINE ? line : shortened(line));
}

function shortened(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  for (const length of TEXT_LENGTHS) {
    const shorter = `${JSON.stringify(cut(record, length))}\n`;
    if (shorter.length <= MAX_LINE) return shorter;
  }
  const { level, time, name, msg } = cut(record, TEXT_LENGTHS[0]) as Record<string, unknown>;
  return `${JSON.stringify({ level, time, name, msg })}\n`;
}

function cut(value: unknown, length: number, key = ''): unknown {
  if (typeof value === 'string') return key === 'stack' ? cutStack(value) : excerpt(value, length);
  if (Array.isArray(value)) return value.map((item) => cut(item, length));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [excerpt(name), cut(inner, length, name)]));
}

function cutStack(stack: string): string {
  if (stack.length <= 2 * STACK_LENGTH) return stack;
  return `${excerpt(stack, STACK_LENGTH)}\n${stack.slice(-STACK_LENGTH)}`;
}
