import { extension, form, plain } from './declare.ts';

export const LOGIC = [
  form('logic', {
    name: 'and',
    takes: [1, Infinity],
    signature: '(and A …)',
    types: 'any … → one of them',
    doc: 'The first false argument, otherwise the last. After the deciding argument, only arguments with side effects are evaluated.',
    examples: [
      { policy: '(and (> 2 1) "yes")', value: '"yes"' },
      { policy: '(and nil (/ 1 0))', value: 'nil' },
    ],
  }),
  form('logic', {
    name: 'or',
    takes: [1, Infinity],
    signature: '(or A …)',
    types: 'any … → one of them',
    doc: 'The first true argument, otherwise the last. After the deciding argument, only arguments with side effects are evaluated.',
    examples: [{ policy: '(or nil 0 7)', value: '7' }],
  }),
  extension(
    plain({
      name: 'default',
      takes: [2, Infinity],
      signature: '(default A B …)',
      types: 'any … → the type of the arguments, without nil unless the last may be nil',
      doc: 'The first argument that is not nil, otherwise nil. Unlike `or` it keeps 0, false, "" and the empty list.',
      examples: [
        { policy: '(default Host.swap_usage 0)', value: '0' },
        { policy: '(default 0 7)', value: '0' },
      ],
    }),
  ),
  plain({
    name: 'not',
    takes: 1,
    signature: '(not A)',
    types: 'any → truth value',
    doc: 'Whether A is false: nil, 0, "" or an empty list.',
    examples: [{ policy: '(not 0)', value: 'true' }],
  }),
  plain({
    name: 'null',
    takes: [0, Infinity],
    signature: '(null A …)',
    types: 'any … → truth value',
    doc: 'Whether every argument is nil, "" or an empty list. True without arguments.',
    examples: [
      { policy: '(null nil "")', value: 'true' },
      { policy: '(null 0)', value: 'false' },
    ],
  }),
  plain({
    name: 'valid',
    takes: [0, Infinity],
    signature: '(valid A …)',
    types: 'any … → truth value',
    doc: 'Whether no argument is nil. True without arguments.',
    examples: [{ policy: '(valid Host.mem_free Host.swap_usage)', value: 'false' }],
  }),
];
