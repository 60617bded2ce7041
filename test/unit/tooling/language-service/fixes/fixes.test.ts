import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeActions, PolicyProgram, type CodeAction } from '../../../../../src/tooling/language-service/index.ts';
import { CURES } from '../../../../../src/tooling/language-service/fixes/table.ts';
import { knowledge } from '../support.ts';

interface Case {
  readonly note: string;
  readonly code: string;
  readonly text: string;
  readonly title: string;
  readonly want: string;
}

function rowsOf<T>(name: string): readonly T[] {
  return readFileSync(new URL(`../../../../cases/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

const cases = rowsOf<Case>('fixes');
/** Texts with all kinds of mistakes. */
const texts = ['mistakes', 'diagnostics', 'types'].flatMap((name) =>
  rowsOf<{ readonly text: string }>(name).map(({ text }) => text),
);

const programOf = (text: string): PolicyProgram => new PolicyProgram([{ file: 'a', text }], knowledge);

function fixesOf(program: PolicyProgram): readonly CodeAction[] {
  const length = program.source('a').text.length;
  return codeActions(program, 'a', 0, length).filter(({ title }) => !title.startsWith('Allow '));
}

/** The codes of messages, each as often as it comes. Those of characters and brackets hide the others. */
function codesOf({ diagnostics }: PolicyProgram, { diagnostic }: CodeAction): readonly string[] {
  return diagnostics
    .filter(({ phase }) => diagnostic.phase !== 'parse' || phase === 'parse')
    .map(({ code }) => code)
    .sort();
}

/** The first list without the items of the second one. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const left = [...all];
  for (const each of some) if (left.includes(each)) left.splice(left.indexOf(each), 1);
  return left;
}

describe('fixes.jsonl', () => {
  it.each(cases.map((each) => [each.note, each] as const))('%s', (_, { code, title, text, want }) => {
    const program = programOf(text);
    const found = fixesOf(program).filter((each) => each.title === title && each.diagnostic.code === code);
    const after = found.map((each) => program.edited(each.edits));
    expect(after.map((each) => each.source('a').text)).toContain(want);
    for (const [at, each] of found.entries()) {
      const [before, now] = [codesOf(program, each), codesOf(after[at] as PolicyProgram, each)];
      expect(without(before, now)).toContain(code);
      expect(without(now, before)).toEqual([]);
    }
  });

  it('has each code of the table', () => {
    expect([...new Set(cases.map(({ code }) => code))]).toEqual(expect.arrayContaining(Object.keys(CURES)));
  });
});

describe('fixes', () => {
  it('cure their message and cause no other, in every text with mistakes; that of a misspelt name may reveal others', () => {
    let count = 0;
    for (const text of texts) {
      const program = programOf(text);
      for (const fix of fixesOf(program)) {
        count += 1;
        const after = program.edited(fix.edits);
        const [before, now] = [codesOf(program, fix), codesOf(after, fix)];
        const isSpelling = fix.diagnostic.severity === 'error' && fix.diagnostic.replacement !== undefined;
        if (isSpelling) expect(after.diagnostics, text).not.toEqual(program.diagnostics);
        else {
          expect(without(before, now), text).toContain(fix.diagnostic.code);
          expect(without(now, before), text).toEqual([]);
        }
      }
    }
    expect(count).toBeGreaterThan(150);
  });

  it('are there for each code, or there is no change that is sure to be meant', () => {
    const codes = texts.flatMap((text) =>
      programOf(text).diagnostics.map(({ code, replacement }) => ({ code, replacement })),
    );
    const fixed = new Set(
      codes.filter(({ code, replacement }) => replacement || code in CURES).map(({ code }) => code),
    );
    const left = codes.map(({ code }) => code).filter((code) => !fixed.has(code));
    expect([...new Set(left)].sort()).toEqual([
      ...['argument-order', 'bad-case', 'bad-cond', 'bad-pattern', 'bad-window', 'constant-condition', 'control-range'],
      ...['division-by-zero', 'duplicate-param', 'endless', 'fixed-param', 'hidden-function', 'hides-global'],
      ...['keyword-value', 'mixed-type', 'name-of-function', 'not-a-name', 'not-a-policy', 'not-storable', 'not-text'],
      ...['number-too-long', 'pace-of-host', 'unknown-keyword', 'used-early'],
    ]);
  });

  it('are not offered for a parameter that the config sets', () => {
    const program = programOf('(param limit 5GiB)\n(debug 1)');
    expect(program.diagnostics.map(({ code }) => code)).toEqual(['unused-name']);
    expect(fixesOf(program)).toEqual([]);
  });

  it('are preferred where there is one', () => {
    const preferred = (text: string) => fixesOf(programOf(text)).map(({ isPreferred }) => isPreferred);
    expect(preferred('(every "1min" (debug 1))')).toEqual([true]);
    expect(preferred('(every 30000 (debug 1))')).toEqual([false, false]);
  });

  it('are not tried in texts that take long to check', () => {
    const mistake = '(every 30000 (debug 1))\n';
    expect(fixesOf(programOf(mistake))).toHaveLength(2);
    expect(fixesOf(programOf(mistake + `# ${'x'.repeat(78)}\n`.repeat(3000)))).toHaveLength(2);
    const many = fixesOf(programOf(mistake.repeat(40) + `# ${'x'.repeat(78)}\n`.repeat(3000)));
    expect(many).toHaveLength(2);
  });

  it('change all files of a program', () => {
    const program = new PolicyProgram(
      [
        { file: 'a', text: '(defvar unread 1)' },
        { file: 'b', text: '(set unread 2)\n(debug 1)' },
      ],
      knowledge,
    );
    const rename = fixesOf(program).find(({ title }) => title === 'Rename unread to _unread');
    expect(program.edited(rename?.edits ?? []).sources.map(({ text }) => text)).toEqual([
      '(defvar _unread 1)',
      '(set _unread 2)\n(debug 1)',
    ]);
  });
});
