import { form, extension, plain, type Example, type FormBuiltin } from './declare.ts';

function loop<const Name extends string>(
  name: Name,
  bare: boolean,
  types: string,
  doc: string,
  examples: readonly Example[],
): FormBuiltin<'loop', Name> {
  const signature = bare ? `(${name} LIST NAME BODY) (${name} LIST)` : `(${name} LIST NAME BODY)`;
  return extension(form('loop', { name, takes: [bare ? 1 : 3, 3], signature, types, doc, examples }));
}

/** Lists, and what goes through them. */
export const LOOPS = [
  extension(
    plain({
      name: 'list',
      takes: [0, Infinity],
      signature: '(list A …)',
      types: 'any … → list',
      doc: 'The list of its arguments.',
      examples: [{ policy: '(list 1 "a" nil)', value: '[1 "a" nil]' }],
    }),
  ),
  form('with', {
    name: 'with',
    takes: 3,
    signature: '(with LIST NAME BODY)',
    types: 'list or text, name, any → list',
    doc: 'The list of the values of BODY, once for each element of LIST, which is a name; of a text the elements are its characters.',
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
    'The list of the values of BODY, once for each element of LIST, which is any expression.',
    [{ policy: '(map Guests vm (- vm.balloon_max vm.balloon_cur))', value: '[2097152 4194304 1048576]' }],
  ),
  loop('filter', false, 'list or text, name, condition → list', 'The elements for which BODY is true.', [
    { policy: '(filter Guests vm (< vm.mem_unused 1GiB))', value: '[guest db1 guest web1]' },
  ]),
  loop(
    'sort',
    true,
    'list or text, name, key → list',
    'The elements ordered by BODY, the least first; equals keep their order, nil comes last.',
    [
      { policy: '(sort Guests vm vm.mem_unused)', value: '[guest db1 guest web1 guest batch1]' },
      { policy: '(sort (list 3 nil 1))', value: '[1 3 nil]' },
    ],
  ),
  loop(
    'sum',
    true,
    'list, name, number or nil → number of the same unit',
    'The sum of BODY over the elements, nil left out; 0 when there is none.',
    [{ policy: '(sum Guests vm vm.balloon_cur)', value: '9437184' }],
  ),
  loop(
    'count',
    true,
    'list or text, name, condition → number',
    'How many elements there are for which BODY is true; without BODY how many there are.',
    [
      { policy: '(count Guests vm (tagged vm "db"))', value: '1' },
      { policy: '(count Guests)', value: '3' },
    ],
  ),
  loop(
    'avg',
    true,
    'list, name, number or nil → number of the same unit, or nil',
    'The mean of BODY over the elements, nil left out; nil when there is none.',
    [{ policy: '(avg Guests vm vm.balloon_cur)', value: '3145728' }],
  ),
  loop(
    'min-of',
    true,
    'list or text, name, key → element, or nil',
    'The element for which BODY is least, the first of equals; nil when there is none. Elements for which it is nil are left out.',
    [{ policy: '(min-of Guests vm vm.mem_unused)', value: 'guest db1' }],
  ),
  loop(
    'max-of',
    true,
    'list or text, name, key → element, or nil',
    'The element for which BODY is greatest, the first of equals; nil when there is none. Elements for which it is nil are left out.',
    [{ policy: '(max-of Guests vm vm.mem_unused)', value: 'guest batch1' }],
  ),
  loop(
    'first',
    true,
    'list or text, name, condition → element, or nil',
    'The first element for which BODY is true, without BODY the first of all; nil when there is none.',
    [
      { policy: '(first Guests vm (tagged vm "db"))', value: 'guest db1' },
      { policy: '(first (list))', value: 'nil' },
    ],
  ),
  loop('any', true, 'list or text, name, condition → truth value', 'Whether BODY is true for some element.', [
    { policy: '(any Guests vm (< vm.mem_unused 100MiB))', value: 'false' },
  ]),
  loop(
    'all',
    true,
    'list or text, name, condition → truth value',
    'Whether BODY is true for every element; true when there is none.',
    [{ policy: '(all Guests vm (<= vm.balloon_cur vm.balloon_max))', value: 'true' }],
  ),
];
