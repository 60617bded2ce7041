import { plain, words } from '../../policy/forms/words.ts';
import type { Expression } from '../../policy/forms/forms.ts';
import { Entity, isList } from '../../policy/index.ts';
import { NONE, type Frame, type TracedFailure } from '../../policy/trace/index.ts';
import { explainExclusion } from './exclusion.ts';
import type { Scene } from './scene.ts';
import { shown } from './show.ts';
import type { Story } from './story.ts';

/** Whether a call in a frame concerns the explained guest or host, also if it did not run. */
export function isForOwn(scene: Scene, target: number, frame: Frame): boolean {
  const call = scene.table.expression(target);
  return call.kind === 'method' && scene.isOwn(scene.lookup(call.callee.root, call, frame)?.value);
}

/** The entity that a call of Control in a frame concerns, if it is not the explained one. */
export function otherEntity(
  scene: Scene,
  target: number,
  frame: Frame,
): { readonly name: string; readonly shown: string } | null {
  const call = scene.table.expression(target);
  if (call.kind !== 'method' || call.callee.attribute !== 'Control') return null;
  const root = scene.lookup(call.callee.root, call, frame)?.value;
  return root instanceof Entity && !scene.isOwn(root) ? { name: call.callee.root, shown: shown(root, null) } : null;
}

/** Explains why a place was not reached for this guest although all conditions held, as far as the trace shows. */
export function explainEnd(story: Story, target: number, frame: Frame): void {
  const { scene } = story;
  const expression = scene.table.expression(target);
  if (expression.kind === 'with' || expression.kind === 'loop') return explainList(story, expression, frame);
  const add = (text: string): void => story.add('failed', expression, text);
  if (!frame.recorded.has(target)) return add(`${words(expression)} ${withoutValue(scene, frame, target)}`);
  if (expression.kind !== 'method' || expression.callee.attribute !== 'Control') {
    return add(`${words(expression)} called a different function of the same name`);
  }
  const other = otherEntity(scene, target, frame);
  add(
    other
      ? `it ran for ${other.shown}, not for this ${scene.guest ? 'guest' : 'host'}`
      : 'it ran, but the trace does not record for which guest',
  );
  explainExclusion(story, expression, frame);
}

function explainList(story: Story, loop: Extract<Expression, { kind: 'with' | 'loop' }>, frame: Frame): void {
  const { scene } = story;
  const list = plain(loop.list);
  const value = scene.value(loop.list, frame);
  const add = (text: string): void => story.add('failed', loop.list, `${list} ${text}`);
  if (value === undefined) return add(withoutValue(scene, frame, scene.table.id(loop.list)));
  if (!isList(value)) return add(value === '' ? 'is an empty string' : `is ${shown(value, null)}`);
  if (value.some((item) => scene.isOwn(item)))
    return add(`contains this guest, but its iteration ${withoutValue(scene, frame, scene.table.id(loop))}`);
  const count = value.length === 0 ? 'no elements' : value.length === 1 ? '1 element' : `${value.length} elements`;
  add(`has ${count}${scene.guest === null || value.length === 0 ? '' : ', but not this guest'}`);
  explainExclusion(story, loop.list, frame);
}

/** Why something has no value. An error is mentioned only if one was recorded. */
export function withoutValue(scene: Scene, frame: Frame, target: number, what = 'was not reached'): string {
  return `${what}${scene.trace.failures.some((failure) => ended(scene, failure, frame, target)) ? ' because of an earlier error' : ''}`;
}

/** Whether an error ended the evaluation of a body before this expression. */
function ended(
  { table, trace }: Scene,
  { frame: at, span, endsFile }: TracedFailure,
  frame: Frame,
  target: number,
): boolean {
  const file = (expression: Expression) => expression.span.source;
  let failedIn = span.source;
  for (let each: Frame | null = at; each !== null; each = each.parent) {
    // A file that did not start was skipped because of the error in the file before.
    if (each === frame)
      return each !== trace.top || failedIn === file(table.expression(target)) || !fileStarted(target);
    if (!endsFile && each.item instanceof Entity && each.item.isGuest) return false;
    if (each.caller !== NONE) failedIn = file(table.expression(each.caller));
  }
  return false;

  function fileStarted(id: number): boolean {
    return [...trace.top.recorded.keys()].some((other) => file(table.expression(other)) === file(table.expression(id)));
  }
}
