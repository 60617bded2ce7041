import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { loadPolicy } from '../../../../src/policy/index.ts';
import { SourceText } from '../../../../src/policy/text/source.ts';

describe('source lines', () => {
  it('end at LF, CRLF and a lone CR, as in editors', () => {
    const text = fc.array(fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', '\u2028', 'ä')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (policy) => {
        const source = new SourceText({ file: 'p', text: policy });
        const document = TextDocument.create('file:///p', 'ballast-policy', 0, policy);
        for (let line = 0; line < document.lineCount; line += 1) {
          const start = document.offsetAt({ line, character: 0 });
          expect(source.lineStart(line + 1)).toBe(start);
          expect(source.positionAt(start)).toEqual({ file: 'p', line: line + 1, column: 1 });
          expect(source.line(line + 1)).toBe(policy.slice(start).split(/[\r\n]/, 1)[0]);
        }
        expect(source.line(document.lineCount + 1)).toBe('');
        expect(source.lineStart(document.lineCount + 1)).toBe(policy.length);
      }),
    );
  });

  it.each(['\n', '\r\n', '\r'])('end a comment: %j', (end) => {
    const text = `# one${end}(defvar a 1) # two${end}(if a 1)`;
    const { diagnostics } = loadPolicy([{ file: 'p', text }], {
      vocabulary: { hostFields: [], guestFields: [], hostProps: [], guestProps: [], controls: [] },
    });
    expect(diagnostics.map(({ message, position }) => [message, position])).toEqual([
      ['"if" takes 3 arguments; 2 given', { file: 'p', line: 3, column: 1 }],
    ]);
  });
});
