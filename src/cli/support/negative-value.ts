/** The start of a negative quantity; no option starts like this. */
const NEGATIVE = /^-\.?[0-9]/;

const WITH_VALUE = new Set(['-c', '--config', '--label', '--guest']);

/**
 * Moves a negative value of `params set` (-5MiB) to the end, after a `--`, so that commander does not parse it as options. A `--`
 * directly before the value moves with it.
 */
export function withNegativeValue(args: readonly string[]): readonly string[] {
  if (args[0] !== 'params' || args[1] !== 'set') return args;
  const at = args.findIndex((arg, index) => NEGATIVE.test(arg) && !WITH_VALUE.has(args[index - 1] ?? ''));
  const dashes = args.indexOf('--');
  const value = args[at];
  if (value === undefined || (dashes !== -1 && dashes !== at - 1)) return args;
  return [...args.filter((_arg, index) => index !== at && index !== dashes), '--', value];
}
