import { allowedLine } from '../../policy/check/allow.ts';
import type { Comment } from '../../policy/text/ast.ts';
import type { SourceText } from '../../policy/text/source.ts';
import type { Item, Sequence } from './tree.ts';

/**
 * A comment `# ballast: allow CODE` applies to expressions that start on its line, or on the next line if it stands alone. Such a line
 * must keep its expressions and get no others, because otherwise the comment would allow something else. Exception: if the comment is
 * the last thing in its brackets, the closing bracket goes on a new line.
 */
export function keepAllowedLines(file: Sequence, comments: readonly Comment[], source: SourceText): void {
  const kept = new Set<number>();
  for (const comment of comments) {
    const line = allowedLine(comment);
    if (line === null) continue;
    const isBelow = line > source.positionAt(comment.span.start).line;
    if (!isBelow || !/^\s*[)\]}]/.test(source.line(line))) kept.add(line);
  }
  if (kept.size > 0) new LineKeeper(source, kept).visit(file);
}

class LineKeeper {
  readonly #source: SourceText;
  readonly #kept: ReadonlySet<number>;
  #lineBefore = 0;

  constructor(source: SourceText, kept: ReadonlySet<number>) {
    this.#source = source;
    this.#kept = kept;
  }

  visit({ items }: Sequence): void {
    for (const item of items) this.#item(item);
  }

  #item(item: Item): void {
    const line = this.#lineOf(item.start);
    if (this.#kept.has(line)) item.join = line === this.#lineBefore ? 'same-line' : 'new-line';
    else if (line !== this.#lineBefore && this.#kept.has(this.#lineBefore)) item.join = 'new-line';
    this.#lineBefore = line;
    const { group } = item;
    if (!group) return;
    this.visit(group);
    const close = this.#lineOf(item.end - 1);
    group.closesOnLine = this.#kept.has(close) && close === this.#lineBefore;
  }

  #lineOf(offset: number): number {
    return this.#source.positionAt(offset).line;
  }
}
