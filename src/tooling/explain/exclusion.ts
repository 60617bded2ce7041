import type { Expression, Loop } from '../../policy/forms/forms.ts';
import { words } from '../../policy/forms/words.ts';
import { Entity, isList, isTrue, type Value } from '../../policy/index.ts';
import type { Frame } from '../../policy/trace/index.ts';
import type { Scene } from './scene.ts';
import { shown } from './show.ts';
import { explainShortfall } from './shortfall.ts';
import type { Story } from './story.ts';
import { unitOf } from './units.ts';

/** Limit for lists derived from other lists. */
const DEPTH = 30;

/**
 * Explains why the guest is not in a list, or not the element that a name refers to, from its own iteration of the `filter`, `first`
 * or similar loop. Adds nothing if the trace has no such iteration.
 */
export function explainExclusion(story: Story, what: Expression, frame: Frame, depth = 0): void {
  if (depth > DEPTH || story.scene.guest === null) return;
  const { scene } = story;
  const name =
    what.kind === 'variable'
      ? what.name
      : what.kind === 'method' && what.callee.attribute === 'Control'
        ? what.callee.root
        : null;
  if (name !== null) {
    const binding = scene.lookup(name, what, frame);
    return binding?.source ? explainExclusion(story, binding.source, binding.frame, depth + 1) : undefined;
  }
  if (what.kind === 'loop') return explainSelection(story, what, frame, depth);
  const ran = scene.called(what, frame);
  const [body, at] = ran ? [scene.table.expression(ran.body), ran] : [what, frame];
  const made = story.result(body, at);
  if (made !== what) explainExclusion(story, made, at, depth + 1);
}

function explainSelection(story: Story, loop: Loop, frame: Frame, depth: number): void {
  const { scene } = story;
  const { operation, each, list } = loop;
  if (!['filter', 'sort', 'first', 'min-of', 'max-of'].includes(operation)) return;
  const iterations = scene.iterations(loop, frame);
  const own = iterations.find(({ item }) => scene.isOwn(item));
  const chosen = scene.value(loop, frame);
  const value = own && each ? scene.value(each.body, own) : undefined;
  if (
    operation === 'first' &&
    chosen instanceof Entity &&
    (each ? value !== undefined && isTrue(value) : includesOwn(scene, scene.value(list, frame)))
  ) {
    return story.add('failed', loop, `${words(loop)} is ${shown(chosen, null)}, which comes before this guest`);
  }
  if (!own || !each || operation === 'sort') return explainExclusion(story, list, frame, depth + 1);
  if (value === undefined) return;
  if (operation === 'filter' || operation === 'first') return explainShortfall(story, each.body, own, true);
  const winner = iterations.find(({ item }) => item === chosen);
  const shownAt = (at: Frame) => shown(scene.value(each.body, at), unitOf(scene, each.body, at));
  const other = winner && winner !== own ? `, and ${shownAt(winner)} for ${shown(chosen, null)}` : '';
  story.add('failed', each.body, `${words(each.body)} is ${shownAt(own)} for this guest${other}`);
}

function includesOwn(scene: Scene, list: Value | undefined): boolean {
  return list !== undefined && isList(list) && list.some((item) => scene.isOwn(item));
}
