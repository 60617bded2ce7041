/** A file of the kernel that was read and does not hold what it should. Names the file and the line. */
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

/** Long enough to recognise the line, short enough for a log; never a line break or a control character. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/**
 * A whole decimal number. The kernel's 64-bit counters may exceed 2^53: they lose their last digits then, as every
 * number in Ballast does.
 * @throws HostFormatError
 */
export function wholeNumber(text: string, path: string, line: number): number {
  if (!/^-?\d{1,20}$/.test(text)) throw new HostFormatError(path, line, 'a whole number', text);
  return Number(text);
}
