import type { ListNode, Node } from '../../policy/text/ast.ts';
import type { SourceText } from '../../policy/text/source.ts';
import type { PolicyProgram } from './program.ts';

/** Lines that an editor can hide, except the first; lines start at 1. */
export interface Folding {
  readonly kind: 'form' | 'comment';
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A form inside of another one is folded from this many lines on. */
const LONG = 3;

/** The forms and blocks of comments of a file that take several lines, at most one for each line. */
export function foldings(program: PolicyProgram, file: string): readonly Folding[] {
  const found = new Map<number, Folding>();
  for (const { span, expressions, comments } of program.analysis.files) {
    if (span.source.file !== file) continue;
    for (const node of expressions) addForms(node, true, found);
    const alone = comments.map(({ span: at }) => lineAlone(span.source, at.start)).filter((line) => line !== null);
    for (const block of blocks(alone)) if (!found.has(block.firstLine)) found.set(block.firstLine, block);
  }
  return [...found.values()].sort((a, b) => a.firstLine - b.firstLine);
}

/** The outer one of two forms that begin on one line wins. */
function addForms(node: Node, isTop: boolean, into: Map<number, Folding>): void {
  if (node.kind !== 'list') return;
  const { firstLine, lastLine } = linesOf(node);
  if (lastLine - firstLine < (isTop ? 1 : LONG - 1)) return;
  if (!into.has(firstLine)) into.set(firstLine, { kind: 'form', firstLine, lastLine });
  for (const item of node.items) addForms(item, false, into);
}

function linesOf({ span: { source, start, end } }: ListNode): Pick<Folding, 'firstLine' | 'lastLine'> {
  const firstLine = source.positionAt(start).line;
  return { firstLine, lastLine: source.positionAt(Math.max(start, end - 1)).line };
}

/** The line of a comment with nothing before it; null for others. */
function lineAlone(source: SourceText, start: number): number | null {
  const { line } = source.positionAt(start);
  return source.text.slice(source.lineStart(line), start).trim() === '' ? line : null;
}

function blocks(lines: readonly number[]): readonly Folding[] {
  const found: Folding[] = [];
  let first = 0;
  lines.forEach((line, at) => {
    if (lines[at - 1] !== line - 1) first = line;
    if (lines[at + 1] !== line + 1 && line > first) found.push({ kind: 'comment', firstLine: first, lastLine: line });
  });
  return found;
}
