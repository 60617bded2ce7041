import type { Declared } from './declare.ts';

/** Functions that are also values of global variables, as in MOM: `(let ((say debug)) (say 1))` works. */
const DECLARATIONS = [
  {
    name: 'abs',
    minArguments: 1,
    maxArguments: 1,
    signature: '(abs A)',
    types: 'number → number of the same unit',
    doc: 'The absolute value.',
    examples: [{ policy: '(abs -3.5)', value: '3.5' }],
    effect: false,
    since: 'mom',
  },
  {
    name: 'debug',
    minArguments: 1,
    maxArguments: Infinity,
    signature: '(debug A …)',
    types: 'any … → the last',
    doc: 'Writes its arguments to the log. Returns the last.',
    examples: [{ policy: '(debug "free:" Host.mem_free)', value: '2097152' }],
    effect: true,
    since: 'mom',
  },
] as const satisfies readonly Declared[];

export type FunctionValueName = (typeof DECLARATIONS)[number]['name'];

export const FUNCTION_VALUES: ReadonlyMap<string, Declared<FunctionValueName>> = new Map(
  DECLARATIONS.map((each) => [each.name, each]),
);

/** The global variables. */
export const PREDEFINED: ReadonlySet<string> = new Set(['Host', 'Guests', ...FUNCTION_VALUES.keys()]);
