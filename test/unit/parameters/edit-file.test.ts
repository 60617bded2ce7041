import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editParameters } from '../../../src/parameters/edit-file.ts';
import { parseParameters } from '../../../src/parameters/file.ts';
import { overrideKey, type ParamTarget } from '../../../src/model/parameter.ts';

const all: ParamTarget = { kind: 'all' };
const label = (name: string): ParamTarget => ({ kind: 'label', label: name });
const guests = (pattern: string): ParamTarget => ({ kind: 'guest', pattern });

const set = (text: string, name: string, target: ParamTarget, given: number | string | null) =>
  editParameters(text, { name, target, given });

describe('editParameters', () => {
  it.each([
    ['adds', 'a: 1\n', all, '2%', 'a: 1\nb: 2%\n'],
    ['begins an empty file', '# head\n', all, 5, '# head\n\nb: 5\n'],
    [
      'changes, and keeps comments',
      '# head\n\n# about b\nb: 1 # tonight\n# tail\n',
      all,
      2,
      '# head\n\n# about b\nb: 2 # tonight\n\n# tail\n',
    ],
    ['keeps texts texts', '', all, 'true', 'b: "true"\n'],
    [
      'expands a short form to a group',
      'b: 1 # tonight\n',
      label('db'),
      2,
      'b:\n  value: 1 # tonight\n  labels:\n    db: 2\n',
    ],
    ['adds to a group', 'b: {labels: {db: 2}}\n', guests('7'), 3, 'b: {labels: {db: 2}, guests: {"7": 3}}\n'],
    ['finds a key that looks like a number', 'b: {labels: {5: 2}}\n', label('5'), 3, 'b: {labels: {5: 3}}\n'],
    ['sets the value of a group', 'b: {labels: {db: 2}}\n', all, 3, 'b: {labels: {db: 2}, value: 3}\n'],
    ['fills a group that was left empty', 'b:\n  labels:\n', label('db'), 3, 'b:\n  labels:\n    db: 3\n'],
    ['takes away', 'a: 1\nb: 2\n', all, null, 'a: 1\n'],
    ['takes a value out of a group', 'b: {value: 1, labels: {db: 2}}\n', all, null, 'b: {labels: {db: 2}}\n'],
    ['takes groups away that become empty', 'a: 1\nb: {labels: {db: 2}}\n', label('db'), null, 'a: 1\n'],
    ['keeps the head of the file', '# head\n\n# about b\nb: 2\na: 1\n', all, null, '# head\n\na: 1\n'],
  ])('%s', (_what, before, target, given, after) => {
    expect(set(before, 'b', target, given)).toBe(after);
  });

  it.each([
    ['a: 1\n', all],
    ['b: {labels: {db: 2}}\n', all],
    ['b: 1\n', label('db')],
    ['b: {labels: {db: 2}}\n', label('d')],
    ['', all],
  ])('%j has nothing to remove for %j', (text, target) => {
    expect(set(text, 'b', target, null)).toBeNull();
  });

  it('reads back the last value after any series of changes', () => {
    const targets = fc.constantFrom(all, label('db'), label('5'), guests('web-*'), guests('? "x": #'));
    const edits = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'n0', 'null'),
        target: targets,
        given: fc.constantFrom<number | string | null>(1, '25%', 'true', '', '# x', null),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(edits, (row) => {
        let text = '';
        const want = new Map<string, number | string>();
        for (const edit of row) {
          const after = editParameters(text, edit);
          expect(after === null).toBe(edit.given === null && !want.has(overrideKey(edit)));
          text = after ?? text;
          if (edit.given === null) want.delete(overrideKey(edit));
          else want.set(overrideKey(edit), edit.given);
        }
        const parsed = parseParameters('p.yaml', text);
        if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
        expect(new Map(parsed.overrides.map((override) => [overrideKey(override), override.given]))).toEqual(want);
      }),
      { numRuns: 300 },
    );
  });
});
