import { add, divide, multiply, shiftLeft, shiftRight, subtract } from '../functions/arithmetic.ts';
import { ceil, clamp, floor, mod, round } from '../functions/numbers.ts';
import { SIGNATURES as S } from '../types/signature.ts';
import { ours, plain, type Builtin } from './declare.ts';

export const ARITHMETIC: readonly Builtin[] = [
  plain({
    name: 'add',
    operator: '+',
    takes: 2,
    signature: '(+ A B)',
    types: S.sum,
    doc: 'The sum; two texts or two lists joined.',
    examples: [
      { policy: '(+ 40 2)', value: '42' },
      { policy: '(+ "db" "1")', value: '"db1"' },
    ],
    apply: add,
  }),
  plain({
    name: 'sub',
    operator: '-',
    takes: 2,
    signature: '(- A B)',
    types: S.difference,
    doc: 'The difference.',
    examples: [{ policy: '(- Host.mem_available Host.mem_free)', value: '14680064' }],
    apply: subtract,
  }),
  plain({
    name: 'mul',
    operator: '*',
    takes: 2,
    signature: '(* A B)',
    types: S.times,
    doc: 'The product; a text or a list repeated by a whole number.',
    examples: [
      { policy: '(* 20% Host.mem_available)', value: '3355443.2' },
      { policy: '(* "ab" 3)', value: '"ababab"' },
    ],
    apply: multiply,
  }),
  plain({
    name: 'div',
    operator: '/',
    takes: 2,
    signature: '(/ A B)',
    types: S.quotient,
    doc: 'The quotient, with its fraction. Division by zero is an error.',
    examples: [{ policy: '(/ Host.mem_free Host.mem_available)', value: '0.125' }],
    apply: divide,
  }),
  plain({
    name: 'shl',
    operator: '<<',
    takes: 2,
    signature: '(<< A N)',
    types: S.shifted,
    doc: 'A whole number times two to the power of N.',
    examples: [{ policy: '(<< 3 10)', value: '3072' }],
    apply: shiftLeft,
  }),
  plain({
    name: 'shr',
    operator: '>>',
    takes: 2,
    signature: '(>> A N)',
    types: S.shifted,
    doc: 'A whole number divided by two to the power of N, rounded down.',
    examples: [{ policy: '(>> 4100 10)', value: '4' }],
    apply: shiftRight,
  }),
  ours(
    plain({
      name: 'clamp',
      takes: 3,
      signature: '(clamp A LOW HIGH)',
      types: S.limited,
      doc: 'A, but at least LOW and at most HIGH. LOW counts where the two contradict each other.',
      examples: [
        { policy: '(clamp 12 0 10)', value: '10' },
        { policy: '(clamp 5 8 3)', value: '8' },
      ],
      apply: clamp,
    }),
  ),
  ours(
    plain({
      name: 'floor',
      takes: 1,
      signature: '(floor A)',
      types: S.sameNumber,
      doc: 'The next whole number below.',
      examples: [{ policy: '(floor -1.5)', value: '-2' }],
      apply: floor,
    }),
  ),
  ours(
    plain({
      name: 'ceil',
      takes: 1,
      signature: '(ceil A)',
      types: S.sameNumber,
      doc: 'The next whole number above.',
      examples: [{ policy: '(ceil 1.2)', value: '2' }],
      apply: ceil,
    }),
  ),
  ours(
    plain({
      name: 'round',
      takes: 1,
      signature: '(round A)',
      types: S.sameNumber,
      doc: 'The nearest whole number; halves go away from zero.',
      examples: [{ policy: '(round -2.5)', value: '-3' }],
      apply: round,
    }),
  ),
  ours(
    plain({
      name: 'mod',
      takes: 2,
      signature: '(mod A B)',
      types: S.rest,
      doc: 'The rest of A divided by B, with the sign of B. B = 0 is an error.',
      examples: [
        { policy: '(mod 130 60)', value: '10' },
        { policy: '(mod -1 24)', value: '23' },
      ],
      apply: mod,
    }),
  ),
];
