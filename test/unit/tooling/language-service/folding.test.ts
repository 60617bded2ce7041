import { describe, expect, it } from 'vitest';
import { foldings, PolicyProgram } from '../../../../src/tooling/language-service/index.ts';
import { knowledge } from './support.ts';

describe('folding', () => {
  it.each<[title: string, lines: readonly string[], ...want: string[]]>([
    ['a form of the top level from two lines on', ['(debug 1)', '(debug', ' 2)'], 'form 2-3'],
    ['an inner form from three lines on', ['(debug', ' (+ 1', '  2)', ' (+ 1', '  2', ' ))'], 'form 1-6', 'form 4-6'],
    ['one form for each line, the outer one', ['((+ 1', '  2', '  3)', ' 4)'], 'form 1-4'],
    ['a block of comments', ['# a', '# b', '', '# c', '  # d', '  # e'], 'comment 1-2', 'comment 4-6'],
    ['no comments behind code', ['(debug 1) # a', '(debug 2) # b'], ...[]],
    ['comments in a form', ['(debug', ' # a', ' # b', ' 1)'], 'form 1-4', 'comment 2-3'],
    ['a form that is never closed', ['(debug', ' (+ 1', '', '(debug 2)'], 'form 1-4', 'form 2-4'],
    ['nothing in an empty file', [''], ...[]],
  ])('%s', (_, lines, ...want) => {
    const program = new PolicyProgram([{ file: 'a', text: lines.join('\n') }], knowledge);
    expect(foldings(program, 'a').map(({ kind, firstLine, lastLine }) => `${kind} ${firstLine}-${lastLine}`)).toEqual(
      want,
    );
  });
});
