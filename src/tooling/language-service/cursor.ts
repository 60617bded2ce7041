import { Analysis } from '../../policy/forms/analysis.ts';
import type { ListNode, Node } from '../../policy/text/ast.ts';
import { parse } from '../../policy/parser/parser.ts';
import { LINE_END, SourceText } from '../../policy/text/source.ts';
import type { PolicyProgram } from './program.ts';

/** The context of the cursor, derived from the text before it: the text after it may be incomplete while the user types. */
export interface Cursor {
  /** text: inside quotes; number: directly after digits. */
  readonly kind: 'name' | 'keyword' | 'text' | 'number';
  /** The text between the start of the word and the cursor, without the colon of a keyword or the quote of a string. */
  readonly word: string;
  /** The lists around the cursor, innermost last. The last item of each contains the cursor. */
  readonly around: readonly ListNode[];
  /** The names of the program. In this file, only the text before the cursor and after its line counts. */
  readonly analysis: Analysis;
  /** The placeholder for the cursor in the analysis. */
  readonly node: Node;
}

/** Inserted at the cursor as a placeholder for the parser. A letter can both continue and start a name. */
const MARK = 'x';
/** Longer words get no completion: the patterns below are tried at each character before the cursor. */
const MAX_WORD = 256;
const WORD = /[A-Za-z_][A-Za-z0-9_.-]*$/;
const KEYWORD = /:([A-Za-z][A-Za-z0-9-]*)?$/;
const NUMBER = /(?:^|[^A-Za-z0-9_.-])-?(?:[0-9]*\.)?[0-9]+([A-Za-z]*)$/;

/** null inside a comment and in a file that cannot be decoded. */
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
  // An open quote would invert all quotes after it, so the rest of its line is skipped.
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

function wordBefore(all: string): Pick<Cursor, 'kind' | 'word'> {
  const before = all.slice(-MAX_WORD);
  const number = NUMBER.exec(before);
  if (number) return { kind: 'number', word: number[1] ?? '' };
  const keyword = KEYWORD.exec(before);
  if (keyword) return { kind: 'keyword', word: keyword[1] ?? '' };
  return { kind: 'name', word: WORD.exec(before)?.[0] ?? '' };
}
