import { SUBJECTS, type Builtin } from '../../policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../../policy/builtins/function-values.ts';
import type { Described, Example } from '../../policy/builtins/declare.ts';
import { METHOD_LIST } from '../../policy/builtins/methods.ts';
import { formatted } from './formatted.ts';
import { code, fence } from './markdown.ts';

interface Item extends Described {
  readonly name: string;
  readonly since?: 'mom' | 'ballast';
}

/** Every function of the language, by topic, and every method of the host and the guests. */
export function functionSections(): string[] {
  return [
    ...SUBJECTS.flatMap(({ title, builtins }) => [
      '',
      `## ${title}`,
      ...builtins.flatMap((builtin) => entry(builtin, headingOf(builtin))),
    ]),
    '',
    '## Functions that are values',
    '',
    'Variables may hold them: `(let ((say debug)) (say 1))`.',
    ...[...FUNCTION_VALUES.values()].flatMap((each) => entry(each, each.name)),
    '',
    '## Methods of the host and the guests',
    '',
    'ENTITY is `Host` or a guest.',
    ...METHOD_LIST.flatMap((method) =>
      entry(
        method,
        method.name,
        method.windows.includes('last')
          ? [
              '`:last N` or `:over DURATION` after it makes it look at the last N samples, or at those that are at most that old.',
            ]
          : [],
      ),
    ),
  ];
}

/** Users look for the operator. */
export function headingOf({ name, operator }: Builtin): string {
  if (operator !== null) return `${code(operator)}, ${name}`;
  return name === 'eval' ? '`{ … }`, eval' : name;
}

function entry(
  { signature, types, doc, since, examples }: Item,
  heading: string,
  more: readonly string[] = [],
): string[] {
  return [
    '',
    `### ${heading}`,
    '',
    ...signature.split(/(?<=\)) (?=\()/).map((each) => `- ${code(each)}`),
    `- ${types}`,
    ...(since === 'ballast' ? ['- *not in MOM*'] : []),
    '',
    [doc, ...more].join(' '),
    '',
    ...fence('lisp', formatted(examples.map(exampleText).join('\n'))),
  ];
}

/** The value follows the last line; requests follow below. */
function exampleText({ policy, value, asks }: Example): string {
  return [`${policy}  # ${value}`, ...(asks === undefined ? [] : [`# asks: ${asks}`])].join('\n');
}
