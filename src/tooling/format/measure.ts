import { severalBindings, wantsLines } from './shapes.ts';
import type { Group, Sequence } from './tree.ts';

/** Computes the width of every item, inner items first. */
export function measure({ items }: Sequence): void {
  for (const item of items) {
    if (item.group) measure(item.group);
    item.width = item.group ? widthOf(item.group) : item.text.includes('\n') ? Infinity : item.text.length;
  }
}

function widthOf(group: Group): number {
  const { items, dangling, afterOpen } = group;
  const bindings = severalBindings(group);
  if (bindings?.group && !isPinned(bindings.group)) bindings.width = Infinity;
  if (dangling.length > 0 || afterOpen !== null) return Infinity;
  let width = group.open === '{' && items.length > 0 ? 4 : 2;
  for (const item of items) {
    if (item.leading.length > 0 || item.trailing !== null || item.join === 'new-line') return Infinity;
    width += item.width;
  }
  width += Math.max(0, items.length - 1);
  return wantsLines(group, width) && !isPinned(group) ? Infinity : width;
}

/** Whether all items must stay on the line of the opening bracket. */
export function isPinned({ items }: Group): boolean {
  return (
    items.length > 0 &&
    items.every(
      ({ join, group }) => join === 'same-line' && (group === null || group.items.length === 0 || isPinned(group)),
    )
  );
}
