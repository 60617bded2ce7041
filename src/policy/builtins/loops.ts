import { form, extension, plain, type Example, type FormBuiltin } from './declare.ts';

function loop<const Name extends string>(
  name: Name,
  bare: boolean,
  types: string,
  doc: string,
  examples: readonly Example[],
): FormBuiltin<'loop', Name> {
  const signature = bare ? `(${name} LIST NAME BODY …) (${name} LIST)` : `(${name} LIST NAME BODY …)`;
  return extension(form('loop', { name, takes: [bare ? 1 : 3, Infinity], signature, types, doc, examples }));
}

/** Lists and loops. */
export const LOOPS = [
  extension(
    plain({
      name: 'list',
      takes: [0, Infinity],
      signature: '(list A …)',
      types: 'any … → list',
      doc: 'A list of its arguments.',
      examples: [{ policy: '(list 1 "a" nil)', value: '[1 "a" nil]' }],
    }),
  ),
  extension(
    plain({
      name: 'nth',
      takes: 2,
      signature: '(nth LIST N)',
      types: 'list or text, whole number → element, or nil',
      doc: 'The element with the number N, counted from 0; with a negative N from the end: -1 is the last. nil if there is none.',
      examples: [
        { policy: '(nth (sort Guests vm vm.mem_unused) 1)', value: 'guest web1' },
        { policy: '(nth (list 1 2 3) -1)', value: '3' },
      ],
    }),
  ),
  extension(
    plain({
      name: 'range',
      takes: [1, 2],
      signature: '(range N) (range FROM TO)',
      types: 'whole number, whole number → list of numbers',
      doc: 'The whole numbers from 0 or FROM up to the one before N or TO; empty if there are none.',
      examples: [
        { policy: '(range 4)', value: '[0 1 2 3]' },
        { policy: '(map (range 1 4) i (* i i))', value: '[1 4 9]' },
      ],
    }),
  ),
  form('with', {
    name: 'with',
    takes: [3, Infinity],
    signature: '(with LIST NAME BODY …)',
    types: 'list or text, name, any … → list',
    doc: 'Evaluates the bodies for each element of LIST, which must be a name, and returns the list of the values of the last; the elements of a text are its characters.',
    examples: [
      {
        policy: '(with Guests vm (vm.Control "balloon_target" vm.balloon_max "all of it"))',
        value: '[nil nil nil]',
        asks: 'db1 balloon_target = 8388608: all of it',
      },
    ],
  }),
  loop(
    'map',
    false,
    'list or text, name, any → list',
    'Evaluates BODY for each element of LIST, which is any expression, and returns the list of values.',
    [{ policy: '(map Guests vm (- vm.balloon_max vm.balloon_cur))', value: '[2097152 4194304 1048576]' }],
  ),
  loop('filter', false, 'list or text, name, condition → list', 'The elements for which BODY is true.', [
    { policy: '(filter Guests vm (< vm.mem_unused 1GiB))', value: '[guest db1 guest web1]' },
  ]),
  loop(
    'sort',
    true,
    'list or text, name, key → list',
    'The elements in ascending order of BODY; the sort is stable, nil comes last.',
    [
      { policy: '(sort Guests vm vm.mem_unused)', value: '[guest db1 guest web1 guest batch1]' },
      { policy: '(sort (list 3 nil 1))', value: '[1 3 nil]' },
    ],
  ),
  loop(
    'sum',
    true,
    'list, name, number or nil → number of the same unit',
    'The sum of BODY over the elements, ignoring nil; 0 if there are none.',
    [{ policy: '(sum Guests vm vm.balloon_cur)', value: '9437184' }],
  ),
  loop(
    'count',
    true,
    'list or text, name, condition → number',
    'The number of elements for which BODY is true; without BODY the number of elements.',
    [
      { policy: '(count Guests vm (tagged vm "db"))', value: '1' },
      { policy: '(count Guests)', value: '3' },
    ],
  ),
  loop(
    'avg',
    true,
    'list, name, number or nil → number of the same unit, or nil',
    'The mean of BODY over the elements, ignoring nil; nil if there are none.',
    [{ policy: '(avg Guests vm vm.balloon_cur)', value: '3145728' }],
  ),
  loop(
    'min-of',
    true,
    'list or text, name, key → element, or nil',
    'The element with the smallest BODY, the first of equals; nil if there is none. Elements for which BODY is nil are ignored.',
    [{ policy: '(min-of Guests vm vm.mem_unused)', value: 'guest db1' }],
  ),
  loop(
    'max-of',
    true,
    'list or text, name, key → element, or nil',
    'The element with the largest BODY, the first of equals; nil if there is none. Elements for which BODY is nil are ignored.',
    [{ policy: '(max-of Guests vm vm.mem_unused)', value: 'guest batch1' }],
  ),
  loop(
    'first',
    true,
    'list or text, name, condition → element, or nil',
    'The first element for which BODY is true, without BODY the first element; nil if there is none.',
    [
      { policy: '(first Guests vm (tagged vm "db"))', value: 'guest db1' },
      { policy: '(first (list))', value: 'nil' },
    ],
  ),
  extension(
    form('fold', {
      name: 'fold',
      takes: [5, Infinity],
      signature: '(fold LIST NAME ACC INITIAL BODY …)',
      types: 'list or text, name, name, any, any … → the last value of ACC',
      doc: 'Evaluates the bodies for each element; ACC is INITIAL for the first element, then the value of the last body for the element before. Returns the final value. A guest whose body fails leaves ACC as it was.',
      examples: [
        { policy: '(fold Guests vm most 0 (max most vm.balloon_cur))', value: '4194304' },
        { policy: '(fold (list "a" "b" "c") each text "" (concat each text))', value: '"cba"' },
      ],
    }),
  ),
  extension(
    form('hand-out', {
      name: 'hand-out',
      takes: [6, Infinity],
      signature: '(hand-out BUDGET LIST NAME GRANTED WANT BODY …)',
      types: 'number, list or text, name, name, number or nil of the same unit, any … → number, what is left',
      doc: 'Gives each element in turn what it wants, as far as BUDGET lasts. GRANTED is what it is given; the bodies are evaluated if that is more than 0. A WANT of nil or below 0 is 0. A guest with an error is given nothing. Returns what is left.',
      examples: [
        {
          policy:
            '(hand-out 6GiB (sort Guests vm vm.mem_unused) vm gift (- vm.balloon_max vm.balloon_cur)\n  (vm.Control "balloon_target" (+ vm.balloon_cur gift) "its turn"))',
          value: '0',
          asks: 'batch1 balloon_target = 3145728: its turn',
        },
      ],
    }),
  ),
  loop('any', true, 'list or text, name, condition → truth value', 'Whether BODY is true for at least one element.', [
    { policy: '(any Guests vm (< vm.mem_unused 100MiB))', value: 'false' },
  ]),
  loop(
    'all',
    true,
    'list or text, name, condition → truth value',
    'Whether BODY is true for every element; true if there are none.',
    [{ policy: '(all Guests vm (<= vm.balloon_cur vm.balloon_max))', value: 'true' }],
  ),
];
