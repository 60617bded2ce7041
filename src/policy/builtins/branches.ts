import { form, extension } from './declare.ts';

/** Conditions and sequences. */
export const BRANCHES = [
  form('if', {
    name: 'if',
    takes: 3,
    signature: '(if CONDITION THEN ELSE)',
    types: 'condition, any, any → one of the two',
    doc: 'Evaluates one of the two branches.',
    examples: [{ policy: '(if (< Host.mem_free 4GiB) "low" "enough")', value: '"low"' }],
  }),
  extension(
    form('cond', {
      name: 'cond',
      takes: [1, Infinity],
      signature: '(cond (TEST BODY …) … (else BODY …))',
      types: 'clauses → the last value of one of them, or nil',
      doc: 'Evaluates the bodies of the first clause whose test is true; nil if there is none. A clause without bodies returns the value of its test.',
      examples: [
        {
          policy:
            '(cond ((< Host.mem_free 1GiB) "very low")\n      ((< Host.mem_free 4GiB) "low")\n      (else "enough"))',
          value: '"low"',
        },
        { policy: '(cond (Host.swap_usage) (Host.mem_free))', value: '2097152' },
      ],
    }),
  ),
  extension(
    form('case', {
      name: 'case',
      takes: [2, Infinity],
      signature: '(case VALUE (A BODY …) ((B C …) BODY …) … (else BODY …))',
      types: 'any, clauses → the last value of one of them, or nil',
      doc: 'Evaluates the bodies of the first clause with a value that equals VALUE, as == does; nil if there is none. A clause has one value or a list of several, each a literal or a name. Opens a scope, as let does.',
      examples: [
        { policy: '(case Host.time_hour ((22 23 0) "night") (12 "noon") (else "day"))', value: '"night"' },
        { policy: '(case (mod Host.time_hour 2) (0 "even") (1 "odd"))', value: '"odd"' },
      ],
    }),
  ),
  form('block', {
    name: 'eval',
    takes: [1, Infinity],
    signature: '{ A … }',
    types: 'any … → the last',
    doc: 'Evaluates all in order and returns the last value. Does not open a scope.',
    examples: [{ policy: '{ (defvar x 2) (* x 21) }', value: '42' }],
  }),
];
