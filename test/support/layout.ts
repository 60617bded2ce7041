import { deepStrictEqual, doesNotMatch, strictEqual } from 'node:assert/strict';
import type { Node } from '../../src/policy/text/ast.ts';
import { formatPolicy } from '../../src/tooling/format/index.ts';
import { DEFAULT_LIMITS } from '../../src/policy/limits/limits.ts';
import { parse } from '../../src/policy/parser/parser.ts';
import { SourceText, spanText } from '../../src/policy/text/source.ts';

/** The formatted text; null if it cannot be formatted. */
export function layoutText(text: string): string | null {
  const result = formatPolicy({ file: 'p', text });
  return 'text' in result ? result.text : null;
}

interface Reading {
  readonly words: readonly string[];
  readonly comments: readonly string[];
  /** For each `ballast: allow` comment, the words that start on its line, or on the next line if the comment is on a separate line. */
  readonly allowed: readonly (readonly string[])[];
}

function read(text: string): Reading {
  const source = new SourceText({ file: 'p', text });
  const { file } = parse(source, DEFAULT_LIMITS);
  const words: { readonly text: string; readonly line: number }[] = [];
  const visit = (node: Node): void => {
    const { start, end } = node.span;
    const { line } = source.positionAt(start);
    if (node.kind !== 'list') return void words.push({ text: spanText(node.span), line });
    const open = text.charAt(start);
    words.push({ text: open, line });
    node.items.slice(open === '{' ? 1 : 0).forEach(visit);
    words.push({ text: text.charAt(end - 1), line: NaN });
  };
  file.expressions.forEach(visit);
  const allowed = file.comments
    .filter(({ text: comment }) => comment.includes('ballast: allow'))
    .map(({ span }) => {
      const { line, column } = source.positionAt(span.start);
      const alone =
        source
          .line(line)
          .slice(0, column - 1)
          .trim() === '';
      const beforeClosing = alone && /^\s*[)\]}]/.test(source.line(line + 1));
      return beforeClosing
        ? []
        : words.filter((word) => word.line === (alone ? line + 1 : line)).map((word) => word.text);
    });
  return {
    words: words.map((word) => word.text),
    comments: file.comments.map((comment) => comment.text.trimEnd()),
    allowed,
  };
}

/** Asserts the properties of a formatted text: idempotent, same words, same comments. Skips texts that cannot be formatted. */
export function assertLayout(text: string): void {
  const once = layoutText(text);
  if (once === null) return;
  strictEqual(layoutText(once), once, 'formatting twice changes something');
  const [before, after] = [read(text), read(once)];
  deepStrictEqual(after.words, before.words);
  deepStrictEqual(after.comments, before.comments);
  // A comment next to or before closing brackets may apply to nothing.
  for (const [at, words] of before.allowed.entries()) if (words.length > 0) deepStrictEqual(after.allowed[at], words);
  const outside = once.replace(/'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"|#[^\r\n]*/g, (all) =>
    all.startsWith('#') ? '#' : 'text',
  );
  doesNotMatch(outside, /[\t\r]|[ ]\n|\n\n\n|^\n|[^\n]$/);
}
