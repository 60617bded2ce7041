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

/** Numbers from here on are negative ones that a kernel printed without their sign. */
const SIGN_BIT = 2n ** 63n;

/**
 * A whole decimal number that may be negative. Kernels print some negative values as unsigned numbers of 64 bits: those from
 * 2^63 on are read as negative.
 * @throws HostFormatError
 */
export function signedNumber(text: string, path: string, line: number): number {
  const number = wholeNumber(text, path, line);
  return number < Number(SIGN_BIT) ? number : Number(BigInt.asIntN(64, BigInt(text)));
}

/**
 * A whole decimal number that cannot be negative: null when the kernel's counter has gone below zero.
 * @throws HostFormatError
 */
export function counterNumber(text: string, path: string, line: number): number | null {
  const number = signedNumber(text, path, line);
  return number < 0 ? null : number;
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
