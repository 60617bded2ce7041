import { extension, plain } from './declare.ts';

export const ARITHMETIC = [
  plain({
    name: 'add',
    operator: '+',
    takes: 2,
    signature: '(+ A B)',
    types: 'number, number → number, all of one unit; text, text → text; list, list → list',
    doc: 'The sum; concatenates two texts or two lists.',
    examples: [
      { policy: '(+ 40 2)', value: '42' },
      { policy: '(+ "db" "1")', value: '"db1"' },
    ],
  }),
  plain({
    name: 'sub',
    operator: '-',
    takes: 2,
    signature: '(- A B)',
    types: 'number, number → number, all of one unit',
    doc: 'The difference.',
    examples: [{ policy: '(- Host.mem_available Host.mem_free)', value: '14680064' }],
  }),
  plain({
    name: 'mul',
    operator: '*',
    takes: 2,
    signature: '(* A B)',
    types: 'number, number → number, of the product of the units; text or list, whole number → the same repeated',
    doc: 'The product; repeats a text or a list an integer number of times.',
    examples: [
      { policy: '(* 20% Host.mem_available)', value: '3355443.2' },
      { policy: '(* "ab" 3)', value: '"ababab"' },
    ],
  }),
  plain({
    name: 'div',
    operator: '/',
    takes: 2,
    signature: '(/ A B)',
    types: 'number, number → number, of the quotient of the units: two of one unit give a ratio',
    doc: 'The quotient, not rounded. Division by zero is an error.',
    examples: [{ policy: '(/ Host.mem_free Host.mem_available)', value: '0.125' }],
  }),
  plain({
    name: 'shl',
    operator: '<<',
    takes: 2,
    signature: '(<< A N)',
    types: 'whole number, whole number → whole number',
    doc: 'An integer times two to the power of N.',
    examples: [{ policy: '(<< 3 10)', value: '3072' }],
  }),
  plain({
    name: 'shr',
    operator: '>>',
    takes: 2,
    signature: '(>> A N)',
    types: 'whole number, whole number → whole number',
    doc: 'An integer divided by two to the power of N, rounded down.',
    examples: [{ policy: '(>> 4100 10)', value: '4' }],
  }),
  extension(
    plain({
      name: 'clamp',
      takes: 3,
      signature: '(clamp A LOW HIGH)',
      types: 'number, number, number → number, all of one unit',
      doc: 'A limited to the range from LOW to HIGH. If LOW is greater than HIGH, LOW takes precedence.',
      examples: [
        { policy: '(clamp 12 0 10)', value: '10' },
        { policy: '(clamp 5 8 3)', value: '8' },
      ],
    }),
  ),
  extension(
    plain({
      name: 'floor',
      takes: 1,
      signature: '(floor A)',
      types: 'number → number of the same unit',
      doc: 'Rounds down to an integer.',
      examples: [{ policy: '(floor -1.5)', value: '-2' }],
    }),
  ),
  extension(
    plain({
      name: 'ceil',
      takes: 1,
      signature: '(ceil A)',
      types: 'number → number of the same unit',
      doc: 'Rounds up to an integer.',
      examples: [{ policy: '(ceil 1.2)', value: '2' }],
    }),
  ),
  extension(
    plain({
      name: 'round',
      takes: 1,
      signature: '(round A)',
      types: 'number → number of the same unit',
      doc: 'Rounds to the nearest integer; halves are rounded away from zero.',
      examples: [{ policy: '(round -2.5)', value: '-3' }],
    }),
  ),
  extension(
    plain({
      name: 'mod',
      takes: 2,
      signature: '(mod A B)',
      types: 'number, number → number, all of one unit',
      doc: 'The remainder of A divided by B, with the sign of B. B = 0 is an error.',
      examples: [
        { policy: '(mod 130 60)', value: '10' },
        { policy: '(mod -1 24)', value: '23' },
      ],
    }),
  ),
];
