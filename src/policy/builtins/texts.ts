import { extension, plain } from './declare.ts';

export const TEXTS = [
  extension(
    plain({
      name: 'starts-with',
      takes: 2,
      signature: '(starts-with TEXT START)',
      types: 'text, text → truth value',
      doc: 'Whether the text starts with the given prefix.',
      examples: [{ policy: '(filter Guests vm (starts-with (vm.Prop "name") "web"))', value: '[guest web1]' }],
    }),
  ),
  extension(
    plain({
      name: 'matches',
      takes: 2,
      signature: '(matches TEXT PATTERN)',
      types: 'text, text → truth value',
      doc: 'Whether the RE2 regular expression matches anywhere in the text. ^ and $ match its start and end.',
      examples: [{ policy: '(matches "db1" "^db[0-9]+$")', value: 'true' }],
    }),
  ),
  extension(
    plain({
      name: 'concat',
      takes: [0, Infinity],
      signature: '(concat A …)',
      types: 'text or number … → text',
      doc: 'Concatenates texts and numbers into one text.',
      examples: [{ policy: '(concat "node " 0)', value: '"node 0"' }],
    }),
  ),
  extension(
    plain({
      name: 'format',
      takes: [1, Infinity],
      signature: '(format TEXT A …)',
      types: 'text, any … → text',
      doc: 'The text with each {} replaced by the next argument: {} unchanged, {:.1} with one decimal, {:size} KiB as 1.5 GiB, {:percent} a ratio as 20%.',
      examples: [
        {
          policy: '(format "{:size} free, {:percent}" Host.mem_free (/ Host.mem_free Host.mem_available))',
          value: '"2 GiB free, 12.5%"',
        },
        { policy: '(format "{} is {:.2}" "pi" 3.14159)', value: '"pi is 3.14"' },
      ],
    }),
  ),
];
