/** Significant digits of a fraction; a larger number keeps one decimal. */
const DIGITS = 4;
const MOST_DIGITS = 15;

/** A number for messages: integers unchanged, fractions without digits that nobody reads: 94.11590075613096 is `94.12`. */
export function numberText(value: number): string {
  return String(shortNumber(value));
}

/** The number that {@link numberText} shows. */
export function shortNumber(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  const whole = Math.abs(value) < 1 ? 0 : String(Math.trunc(Math.abs(value))).length;
  return Number(value.toPrecision(Math.min(MOST_DIGITS, Math.max(DIGITS, whole + 1))));
}
