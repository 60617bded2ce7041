import type { SourcePosition } from '../model/control.ts';
import type { Expression, MethodCall } from '../policy/forms/forms.ts';
import { NONE, type Frame } from '../policy/trace/index.ts';
import { plain, words } from '../policy/forms/words.ts';
import { came, stepsWithin, wayTo, type Step } from './route.ts';
import type { Scene } from './scene.ts';
import { shown } from './show.ts';
import { tellShortfall } from './shortfall.ts';
import { Story, type Line } from './story.ts';

/** A call of Control that was not reached. */
export interface NotReached {
  readonly control: string;
  readonly position: SourcePosition;
  /** For each way through the policy that leads to it: what held, and what did not. The one that came nearest first. */
  readonly ways: readonly (readonly Line[])[];
}

/** Where a way ended. */
interface End {
  readonly frame: Frame;
  /** What was to be reached in it: the call of Control, or the call or loop on the way to it. */
  readonly target: number;
  /** The condition that failed; null when the way ended for another reason. */
  readonly failed: Step | null;
}

/** @param concerns whether a frame has to do with the guest in question */
export function whyNot(scene: Scene, call: MethodCall, concerns: (frame: Frame) => boolean): NotReached {
  const id = scene.table.id(call);
  const ends = endsOf(scene, id, concerns, new Set());
  const nearestFirst = ends.map((end) => ({ end, passed: passed(scene, end).length })).sort((a, b) => b.passed - a.passed);
  // What several ways have in common is told with the first.
  const told = new Set<string>();
  const ways = nearestFirst.map(({ end }) => tell(new Story(scene, told), end)).filter((lines) => lines.length > 0);
  return { control: controlName(call), position: call.span.source.positionAt(call.span.start), ways };
}

/** The name of the control, if the text tells it. */
export function controlName({ args: [name] }: MethodCall): string {
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : name ? words(name) : 'a control';
}

/** @param seen bodies whose callers were looked at: functions may call each other in more ways than there are functions */
function endsOf(scene: Scene, target: number, concerns: (frame: Frame) => boolean, seen: Set<number>): readonly End[] {
  const { table } = scene;
  const body = table.bodies[target] as number;
  const frame = scene.trace.frames.findLast((each) => each.body === body && concerns(each));
  if (frame) {
    const failed = stepsWithin(table, target, body).find((step) => came(scene, step, frame) !== true) ?? null;
    return [{ frame, target, failed }];
  }
  if (body === NONE || seen.has(body)) return [];
  seen.add(body);
  return scene.callersOf(body).flatMap((caller) => endsOf(scene, caller, concerns, seen));
}

function passed(scene: Scene, { frame, target, failed }: End): readonly { readonly step: Step; readonly frame: Frame }[] {
  const way = wayTo(scene, target, frame);
  const end = way.findIndex(({ step }) => failed !== null && step.condition === failed.condition && step.holds === failed.holds);
  return end === -1 ? way : way.slice(0, end);
}

function tell(story: Story, end: End): readonly Line[] {
  const { scene } = story;
  for (const { step, frame } of passed(scene, end)) tellStep(story, step, frame);
  const { frame, failed, target } = end;
  if (failed === null) story.add('failed', scene.table.expression(target), ended(scene, end));
  else if (came(scene, failed, frame) === undefined) story.add('failed', failed.condition, `${words(failed.condition)} was not looked at: an error came first`);
  else if (failed.kind === 'timing') story.add('failed', failed.condition, `${timing(story, failed.condition, frame)}: its time had not come`);
  else tellShortfall(story, failed.condition, frame, failed.holds);
  return story.lines;
}

export function tellStep(story: Story, step: Step, frame: Frame): void {
  if (step.kind === 'timing') story.add('condition', step.condition, `${timing(story, step.condition, frame)}: its time had come`);
  else story.condition(step.condition, frame, step.then);
}

function timing(story: Story, pace: Expression, frame: Frame): string {
  if (pace.kind !== 'pace') return words(pace);
  const { duration } = pace;
  return `${pace.mode} ${words(duration)}${duration.kind === 'literal' ? '' : ` ${shown(story.scene.value(duration, frame), 's')}`}`;
}

/** All conditions held, and yet the place was not reached. */
function ended(scene: Scene, { frame, target }: End): string {
  const expression = scene.table.expression(target);
  if (expression.kind === 'with' || expression.kind === 'loop') {
    const count = scene.countOf(scene.value(expression.list, frame));
    return `${plain(expression.list)} has ${count === null ? 'no elements' : `${count} element${count === 1 ? '' : 's'}`}, and this guest is not among them`;
  }
  return `${words(expression)} was not reached: an error came first`;
}
