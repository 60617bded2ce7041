import { parts } from '../../policy/forms/parts.ts';
import type { Expression, Loop } from '../../policy/forms/forms.ts';
import { isList, type Value } from '../../policy/index.ts';
import type { Frame } from '../../policy/trace/index.ts';
import { shown } from './show.ts';
import { explainShortfall } from './shortfall.ts';
import { isNew, Story } from './story.ts';

/** Limit for lists derived from other lists. */
const DEPTH = 30;
/** Guests named for one list. */
const NAMED = 5;

/** Explains for each list in a condition that a `filter` left empty, or in which `any` or `first` found nothing, what each guest failed on. */
export function explainEmptyLists(story: Story, condition: Expression, frame: Frame): void {
  explainIn(story, condition, frame, new Map(), 0);
}

/** @param seen visited expressions: variables and functions may refer to each other many times */
function explainIn(
  story: Story,
  what: Expression,
  frame: Frame,
  seen: Map<Frame, Set<Expression>>,
  depth: number,
): void {
  if (depth > DEPTH || !isNew(seen, frame, what)) return;
  const { scene } = story;
  const inner = (part: Expression, at: Frame = frame): void => explainIn(story, part, at, seen, depth + 1);
  if (what.kind === 'loop') return explainLoop(story, what, frame, inner);
  if (what.kind === 'variable') {
    const binding = scene.lookup(what.name, what, frame);
    return binding?.source ? inner(binding.source, binding.frame) : undefined;
  }
  const ran = scene.called(what, frame);
  if (ran) return inner(story.result(scene.table.expression(ran.body), ran), ran);
  for (const part of parts(what)) inner(part);
}

function explainLoop(story: Story, loop: Loop, frame: Frame, inner: (part: Expression) => void): void {
  const { scene } = story;
  const { list, each } = loop;
  const given = scene.value(list, frame);
  // The first list that is empty decides.
  if (given !== undefined && isList(given) && given.length === 0) return inner(list);
  if (!each || !foundNothing(loop, scene.value(loop, frame)))
    return loop.operation === 'sort' ? inner(list) : undefined;
  // For `any`, the explained guest's own iteration is already told.
  const iterations = scene.iterations(loop, frame).filter(({ item }) => loop.operation !== 'any' || !scene.isOwn(item));
  for (const each of iterations.slice(0, NAMED)) explainItem(story, loop, each);
  const more = iterations.length - NAMED;
  if (more > 0) story.add('value', loop, `and ${more} more, for which it is false too`);
}

function foundNothing({ operation }: Loop, value: Value | undefined): boolean {
  switch (operation) {
    case 'filter':
      return value !== undefined && isList(value) && value.length === 0;
    case 'any':
      return value === false;
    case 'first':
      return value === null;
    default:
      return false;
  }
}

/** Why the condition of a loop is false for an element. */
function explainItem(story: Story, { each }: Loop, at: Frame): void {
  if (!each) return;
  const own = new Story(story.scene);
  explainShortfall(own, each.body, at, true);
  const why = own.lines.filter(({ kind }) => kind === 'failed').map(({ text }) => text);
  if (why.length > 0) story.add('value', each.body, `for ${shown(at.item, null)}: ${why.join('; ')}`);
}
