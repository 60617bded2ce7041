import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeActions,
  completions,
  definitions,
  foldings,
  formatting,
  hover,
  inlayHints,
  outline,
  PolicyProgram,
  references,
  renamable,
  rename,
  semanticTokens,
  signatureHelp,
} from '../../src/tooling/language-service/index.ts';
import { applied, knowledge } from '../unit/tooling/language-service/support.ts';

const FOLDER = new URL('../../policies/', import.meta.url);
const policies = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.policy'))
  .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));

/** Short texts, each with a mistake that has a quick fix. */
const mistakes = readFileSync(new URL('../cases/fixes.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { readonly text: string }).text);

/** A policy in which typed text replaces a range. */
const damaged = fc
  .tuple(
    fc.oneof(fc.constantFrom(...policies), fc.constantFrom(...mistakes)),
    fc.nat(),
    fc.nat({ max: 60 }),
    fc.constantFrom('', '(', ')', '"', '(vm.', '{', '#', ' :', '5M', '(let ((', '(def f (x', '\u0000', '🐏', "'"),
  )
  .map(([text, at, length, typed]) => {
    const start = at % (text.length + 1);
    return { text: text.slice(0, start) + typed + text.slice(start + length), offset: start + typed.length };
  });

describe('the language service, while a policy is being edited', () => {
  it('never throws, and every position is inside the text', () => {
    fc.assert(
      fc.property(damaged, ({ text, offset }) => {
        const program = new PolicyProgram(
          [
            { file: 'a', text },
            { file: 'b', text: '(def helper (x) x)' },
          ],
          knowledge,
        );
        const renamed = rename(program, 'a', offset, 'fresh');
        const fixes = codeActions(program, 'a', 0, text.length).flatMap(({ edits }) => edits);
        const layout = formatting(program, 'a');
        const places = [
          ...completions(program, 'a', offset).map(({ place }) => place),
          ...definitions(program, 'a', offset),
          ...references(program, 'a', offset),
          ...outline(program, 'a').flatMap(({ place, namePlace }) => [place, namePlace]),
          ...('refused' in renamed ? [] : renamed),
          ...fixes,
          ...semanticTokens(program, 'a', 0, text.length),
          ...inlayHints(program, 'a', 0, text.length).map(({ offset: at }) => ({ file: 'a', start: at, end: at })),
          ...(layout ? [layout] : []),
        ];
        hover(program, 'a', offset);
        renamable(program, 'a', offset);
        signatureHelp(program, 'a', offset);
        for (const { file, start, end } of places) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(program.source(file).text.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('colours ranges that do not overlap, within lines, and folds lines of the file', () => {
    fc.assert(
      fc.property(damaged, fc.nat(), ({ text, offset }, length) => {
        const program = new PolicyProgram([{ file: 'a', text }], knowledge);
        const tokens = semanticTokens(program, 'a', 0, text.length);
        tokens.forEach(({ start, end }, at) => {
          expect(start).toBeGreaterThanOrEqual(tokens[at - 1]?.end ?? 0);
          expect(text.slice(start, end)).toMatch(/^[^\r\n]+$/);
        });
        const to = offset + (length % 500);
        expect(semanticTokens(program, 'a', offset, to)).toEqual(
          tokens.filter(({ start, end }) => start < to && end > offset),
        );
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const { firstLine, lastLine } of foldings(program, 'a')) {
          expect(lastLine).toBeGreaterThan(firstLine);
          expect(lastLine).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('restores the text when a rename is reverted', () => {
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.nat(), (text, at) => {
        const offset = at % text.length;
        const program = new PolicyProgram([{ file: 'a', text }], knowledge);
        const there = rename(program, 'a', offset, 'quite_fresh');
        fc.pre(!('refused' in there) && there.length > 0);
        const edits = 'refused' in there ? [] : there;
        const { name } = program.analysis.at('a', offset)!;
        const [changed = ''] = applied(program, edits);
        const after = new PolicyProgram([{ file: 'a', text: changed }], knowledge);
        expect(after.diagnostics).toEqual(program.diagnostics);
        const back = rename(after, 'a', changed.indexOf('quite_fresh'), name);
        expect(back).not.toHaveProperty('refused');
        expect(applied(after, 'refused' in back ? [] : back)).toEqual([text]);
      }),
      { numRuns: 100 },
    );
  });
});
