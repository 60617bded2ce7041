/** A value from a file, quoted for a message: short and on one line. */
export function show(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of keys';
  if (typeof input !== 'string') return String(input);
  return JSON.stringify(input.length > 60 ? `${input.slice(0, 57)}...` : input);
}
