import type { SourcePosition } from '../../model/control.ts';
import type { MethodCall } from '../../policy/forms/forms.ts';
import { NONE, type Frame } from '../../policy/trace/index.ts';
import { words } from '../../policy/forms/words.ts';
import { isForOwn, otherEntity, explainEnd, withoutValue } from './ended.ts';
import { explainEmptyLists } from './empty-list.ts';
import { isSatisfied, stepsWithin, pathTo, type Step } from './route.ts';
import type { Scene } from './scene.ts';
import { explainShortfall } from './shortfall.ts';
import { Story, type Line } from './story.ts';
import { timing, waiting } from './timing.ts';

/** A call of Control that was not reached. */
export interface NotReached {
  readonly control: string;
  readonly position: SourcePosition;
  /** For each path to the call: the conditions that held and the one that did not. The path that came nearest is first. */
  readonly ways: readonly (readonly Line[])[];
}

/** Where a path ended. */
interface End {
  readonly frame: Frame;
  /** The expression to reach in the frame: the call of Control, or a call or loop on the path to it. */
  readonly target: number;
  /** The condition that failed; null if the path ended for another reason. */
  readonly failed: Step | null;
}

export function whyNot(scene: Scene, call: MethodCall): NotReached {
  const id = scene.table.id(call);
  const ends = endsOf(scene, id, new Set());
  const nearestFirst = ends
    .map((end) => ({ end, passed: passed(scene, end).length }))
    .sort((a, b) => b.passed - a.passed);
  // Lines shared by several paths appear only in the first.
  const added = new Set<string>();
  const ways = nearestFirst.map(({ end }) => linesOf(new Story(scene, added), end)).filter((lines) => lines.length > 0);
  return { control: controlName(call), position: call.span.source.positionAt(call.span.start), ways };
}

/** The name of the control, if it is a literal. */
export function controlName({ args: [name] }: MethodCall): string {
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : name ? words(name) : 'a control';
}

/** @param seen visited bodies: functions can call each other in exponentially many ways */
function endsOf(scene: Scene, target: number, seen: Set<number>): readonly End[] {
  const body = scene.table.bodies[target] as number;
  const frames = scene.trace.frames.filter((each) => each.body === body);
  const frame =
    frames.findLast((each) => isForOwn(scene, target, each)) ?? frames.findLast((each) => scene.concerns(each));
  if (frame) {
    const failed = stepsWithin(scene, target, body).find((step) => isSatisfied(scene, step, frame) !== true) ?? null;
    return [{ frame, target, failed }];
  }
  if (body === NONE || seen.has(body)) return [];
  seen.add(body);
  return scene.callersOf(body).flatMap((caller) => endsOf(scene, caller, seen));
}

function passed(
  scene: Scene,
  { frame, target, failed }: End,
): readonly { readonly step: Step; readonly frame: Frame }[] {
  const path = pathTo(scene, target, frame);
  const end = path.findIndex(
    ({ step, frame: at }) =>
      failed !== null && at === frame && step.condition === failed.condition && step.holds === failed.holds,
  );
  return end === -1 ? path : path.slice(0, end);
}

function linesOf(story: Story, end: End): readonly Line[] {
  const { scene } = story;
  for (const { step, frame } of passed(scene, end)) addStep(story, step, frame);
  const { frame, failed, target } = end;
  if (failed === null) explainEnd(story, target, frame);
  else if (isSatisfied(scene, failed, frame) === undefined)
    story.add('failed', failed.condition, unevaluated(story, failed, frame, target));
  else if (failed.condition.kind === 'pace' && failed.kind === 'timing')
    story.add('failed', failed.condition, waiting(story, failed.condition, frame));
  else {
    explainShortfall(story, failed.condition, frame, failed.holds);
    explainEmptyLists(story, failed.condition, frame);
  }
  const root = failed && otherEntity(scene, target, frame);
  if (root)
    story.add(
      'failed',
      scene.table.expression(target),
      `${root.name} is ${root.shown}: not this ${scene.guest ? 'guest' : 'host'}`,
    );
  return story.lines;
}

function unevaluated(story: Story, { condition, kind }: Step, frame: Frame, target: number): string {
  const what = kind === 'timing' ? timing(story, condition, frame) : words(condition);
  return `${what} ${withoutValue(story.scene, frame, target, 'was not evaluated')}`;
}

export function addStep(story: Story, step: Step, frame: Frame): void {
  if (step.kind === 'timing') story.add('condition', step.condition, `${timing(story, step.condition, frame)}: due`);
  else story.condition(step.condition, frame, step.then);
}
