/** How a negative quantity begins; no option does. */
const NEGATIVE = /^-\.?[0-9]/;

const WITH_VALUE = new Set(['-c', '--config', '--label', '--guest']);

/**
 * The arguments, those of `params set` with a negative value (-5MiB) where the parser of the command line takes it for a value and not
 * for options: behind a -- at the end. A -- that somebody wrote before it counts for it alone.
 */
export function withNegativeValue(args: readonly string[]): readonly string[] {
  if (args[0] !== 'params' || args[1] !== 'set') return args;
  const at = args.findIndex((arg, index) => NEGATIVE.test(arg) && !WITH_VALUE.has(args[index - 1] ?? ''));
  const dashes = args.indexOf('--');
  const value = args[at];
  if (value === undefined || (dashes !== -1 && dashes !== at - 1)) return args;
  return [...args.filter((_arg, index) => index !== at && index !== dashes), '--', value];
}
