import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatPolicy } from '../../../../src/tooling/format/index.ts';

/** One line of format.jsonl: a policy and its layout. */
interface Case {
  readonly note: string;
  readonly policy: string;
  readonly want: string;
}

const ROOT = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const cases = read('test/cases/format.jsonl')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case);
const formatted = (text: string) => formatPolicy({ file: 'p', text });

describe('format.jsonl', () => {
  test.each(cases.map((item) => [item.note, item] as const))('%s', (_, { policy, want }) => {
    expect(formatted(policy)).toEqual({ text: want });
    expect(formatted(want)).toEqual({ text: want });
  });
});

describe('a file with CR line ends', () => {
  test.each(cases.filter(({ want }) => !/"[^"]*\n|\\/.test(want)).map((item) => [item.note, item] as const))(
    '%s',
    (_, { policy, want }) => {
      expect(formatted(policy.replaceAll(/\r?\n/g, '\r'))).toEqual({ text: want });
    },
  );
});

describe('formatting rejects', () => {
  test.each([
    ['(if a\n', 'unclosed-bracket'],
    ['(f a]', 'mismatched-bracket'],
    ['a)', 'stray-bracket'],
    ['"a)', 'unclosed-text'],
    ['(f 0777)', 'bad-number'],
    ['(f, a)', 'stray-character'],
    ['a\0', 'not-text'],
  ])('%j and returns its errors', (text, code) => {
    expect(formatted(text)).toMatchObject({ diagnostics: [{ code, severity: 'error' }] });
  });

  test('a policy that would exceed the size limit when formatted', () => {
    const text = '(f a)(f b)';
    expect(formatPolicy({ file: 'p', text }, { sourceLength: text.length })).toMatchObject({
      diagnostics: [
        { code: 'source-too-long', message: 'the formatted file would have 12 characters; the limit is 10' },
      ],
    });
    expect(formatPolicy({ file: 'p', text }, { sourceLength: 12 })).toEqual({ text: '(f a)\n(f b)\n' });
  });
});

describe('shipped files are formatted', () => {
  const names = (folder: string, end: string): string[] =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => name.endsWith(end))
      .map((name) => `${folder}${name}`);

  test.each(names('policies/', '.policy'))('%s', (path) => {
    expect(formatted(read(path))).toEqual({ text: read(path) });
  });

  const pages = ['README.md', ...names('docs/', '.md')];
  // A later step of the tutorial formats the file that a step writes.
  const shown = /(<!-- write: .* -->\n)?^```lisp\n([^]*?)^```$/gm;
  const blocks = pages.flatMap((page) =>
    [...read(page).matchAll(shown)]
      .filter(([, written]) => !written)
      .map((match) => [page, match[2] as string] as const),
  );

  test('finds the policies in the documentation', () => {
    expect(blocks.map(([page]) => page)).toEqual(expect.arrayContaining(['README.md', 'docs/policy-language.md']));
  });

  test.each(blocks)('a policy in %s', (_, text) => {
    expect(formatted(text)).toEqual({ text });
  });
});
