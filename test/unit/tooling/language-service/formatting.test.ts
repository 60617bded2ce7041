import { describe, expect, it } from 'vitest';
import { formatting, PolicyProgram } from '../../../../src/tooling/language-service/index.ts';
import { formatPolicy } from '../../../../src/tooling/format/index.ts';
import { applied, knowledge } from './support.ts';

describe('formatting', () => {
  it.each([
    '(+   1 2)',
    '(debug "a🐏"  1)',
    '(+ 1 2)\n\n\n\n(+ 1 2)',
    '',
    '\n',
    '(+ 1 2)   # behind\n',
    '(debug "🐏")(debug "🐑")',
    '# a\n(with   Guests vm 1)',
  ])('changes only the differences in %j', (text) => {
    const program = new PolicyProgram([{ file: 'a', text }], knowledge);
    const edit = formatting(program, 'a');
    const want = formatPolicy({ file: 'a', text });
    expect(applied(program, edit ? [edit] : [])).toEqual(['text' in want ? want.text : 'mistakes']);
  });

  it('changes only the range that differs', () => {
    const program = new PolicyProgram([{ file: 'a', text: '(debug 1)\n(debug   2)\n(debug 3)\n' }], knowledge);
    expect(formatting(program, 'a')).toEqual({ file: 'a', start: 17, end: 19, text: '' });
  });

  it('returns nothing for a file with errors', () => {
    expect(formatting(new PolicyProgram([{ file: 'a', text: '(debug   1' }], knowledge), 'a')).toBeNull();
  });
});
