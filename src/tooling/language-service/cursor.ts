import { Analysis } from '../../policy/forms/analysis.ts';
import type { ListNode, Node } from '../../policy/text/ast.ts';
import { parse } from '../../policy/parser/parser.ts';
import { LINE_END, SourceText } from '../../policy/text/source.ts';
import type { PolicyProgram } from './program.ts';

/** Where the cursor is, as the text in front of it shows: what follows may be anything while somebody types. */
export interface Cursor {
  /** text: inside quotes; number: right behind digits. */
  readonly kind: 'name' | 'keyword' | 'text' | 'number';
  /** What stands between the beginning of the word and the cursor: without the colon of a keyword or the quote of a text. */
  readonly word: string;
  /** The brackets around the cursor, the innermost last. The last item of each holds the cursor. */
  readonly around: readonly ListNode[];
  /** The names of the program, of this file those in front of the cursor and those behind its line. */
  readonly analysis: Analysis;
  /** Stands for the cursor in the analysis. */
  readonly node: Node;
}

/** Goes where the cursor is, so that the parser sees something there. A letter: it continues a name and begins one. */
const MARK = 'x';
const WORD = /[A-Za-z_][A-Za-z0-9_.-]*$/;
const KEYWORD = /:([A-Za-z][A-Za-z0-9-]*)?$/;
const NUMBER = /(?:^|[^A-Za-z0-9_.-])-?(?:[0-9]*\.)?[0-9]+([A-Za-z]*)$/;

/** null inside of a comment, and in a file that cannot be read. */
export function cursorAt(program: PolicyProgram, file: string, offset: number): Cursor | null {
  const { text } = program.source(file);
  const before = text.slice(0, offset);
  const limits = { ...program.limits, diagnostics: Infinity };
  const read = (part: string) => parse(new SourceText({ file, text: part }), limits);
  const { file: prefix, diagnostics } = read(before);
  if (
    diagnostics.some(
      ({ code }) =>
        code === 'source-too-long' || code === 'not-text' || code === 'not-a-policy' || code === 'nested-too-deep',
    )
  )
    return null;
  if (prefix.comments.at(-1)?.span.end === offset) return null;
  const open = diagnostics.find(({ code }) => code === 'unclosed-text')?.span?.start;
  const { kind, word } =
    open === undefined ? wordBefore(before) : { kind: 'text' as const, word: before.slice(open + 1) };
  const marked =
    kind === 'number' ? prefix : read(before + MARK + (open === undefined ? '' : before.charAt(open))).file;
  // A quote that is still open would turn the texts behind it inside out: that line is left out.
  const behind = text.slice(offset);
  const lineEnd = behind.search(LINE_END);
  const rest = read(lineEnd === -1 ? '' : behind.slice(lineEnd)).file;
  const others = program.sources.filter((source) => source.file !== file).map((source) => parse(source, limits).file);
  const last = marked.expressions.at(-1);
  if (!last) return null;
  const around: ListNode[] = [];
  let node = last;
  for (
    let inner = last.kind === 'list' ? last.items.at(-1) : undefined;
    inner && node.kind === 'list';
    inner = node.kind === 'list' ? node.items.at(-1) : undefined
  ) {
    around.push(node);
    node = inner;
  }
  return { kind, word, around, node, analysis: new Analysis([...others, marked, rest]) };
}

function wordBefore(before: string): Pick<Cursor, 'kind' | 'word'> {
  const number = NUMBER.exec(before);
  if (number) return { kind: 'number', word: number[1] ?? '' };
  const keyword = KEYWORD.exec(before);
  if (keyword) return { kind: 'keyword', word: keyword[1] ?? '' };
  return { kind: 'name', word: WORD.exec(before)?.[0] ?? '' };
}
