import type { Node } from './ast.ts';
import { spanText } from './source.ts';

/** The text of a node without layout and comments, independent of its formatting. */
export function oneLine(node: Node): string {
  if (node.kind !== 'list') return spanText(node.span);
  const { source, start, end } = node.span;
  const open = source.text.charAt(start);
  const [first] = node.items;
  // Several bodies of one form have no brackets of their own.
  if (first?.span.start === start && !(open === '{' && first.kind === 'symbol'))
    return `{${node.items.map(oneLine).join(' ')}}`;
  // The parser has inserted `eval` at the start of items in braces.
  const inner = node.items
    .slice(open === '{' ? 1 : 0)
    .map(oneLine)
    .join(' ');
  return `${open}${inner}${source.text.charAt(end - 1)}`;
}
