/** Unexpected content in a kernel file. The message names the file and the line. */
export class HostFormatError extends Error {
  readonly path: string;
  /** From 1. */
  readonly line: number;

  constructor(path: string, line: number, expected: string, found: string) {
    super(`${path}:${line}: expected ${expected}, found ${quoted(found)}`);
    this.name = 'HostFormatError';
    this.path = path;
    this.line = line;
  }
}

/** Truncated for the log; line breaks and control characters are escaped. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/**
 * Parses a decimal integer. Values above 2^53, as in the kernel's 64-bit counters, lose precision like every number
 * in Ballast.
 * @throws HostFormatError
 */
export function wholeNumber(text: string, path: string, line: number): number {
  if (!/^-?\d{1,20}$/.test(text)) throw new HostFormatError(path, line, 'a whole number', text);
  return Number(text);
}
