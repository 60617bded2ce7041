import type { ControlRequest, GuestRef, PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Action, Decision, Held, Plan, PolicyError } from '../../model/decision.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Expression, MethodCall } from '../../policy/forms/forms.ts';
import { Entity, type Program } from '../../policy/index.ts';
import type { Frame, Trace } from '../../policy/trace/index.ts';
import { pathTo } from './route.ts';
import { Scene } from './scene.ts';
import { shown } from './show.ts';
import { Story, type Line } from './story.ts';
import { controlUnit, unitOf } from './units.ts';
import { controlName, addStep, whyNot, type NotReached } from './why-not.ts';

/** One traced evaluation and its results. */
export interface Explained {
  readonly program: Program;
  readonly trace: Trace;
  readonly vocabulary: Vocabulary;
  readonly decision: Decision;
  readonly plan: Plan;
  /** The requests in the recording; null if it has no evaluation at this time. */
  readonly recorded: readonly ControlRequest[] | null;
  /** null: the host. */
  readonly guest: GuestRef | null;
}

/** A control that the policy requested, with its result. */
export interface RequestedControl {
  readonly control: string;
  readonly value: PolicyScalar;
  /** The value with its unit. */
  readonly shown: string;
  readonly unit: string | null;
  readonly reason: string | null;
  readonly position: SourcePosition;
  readonly action: Action | null;
  readonly held: Held | null;
  /** The conditions and values that led to the request. */
  readonly path: readonly Line[];
}

export interface Explanation {
  readonly guest: GuestRef | null;
  readonly asked: readonly RequestedControl[];
  readonly errors: readonly { readonly error: PolicyError; readonly path: readonly Line[] }[];
  /** Calls of Control for this guest, or for the host, that were not reached. */
  readonly notReached: readonly NotReached[];
  /** Whether the requests equal those in the recording; null if it has no evaluation at this time. */
  readonly asRecorded: {
    readonly same: boolean;
    readonly requests: readonly { readonly control: string; readonly shown: string }[];
  } | null;
}

/** Explains which controls an evaluation requested for a guest or for the host, and why it did not request others. */
export function explain(explained: Explained): Explanation {
  const { program, trace, vocabulary, decision, guest } = explained;
  const scene = new Scene(program, trace, vocabulary, guest);
  const own = (ref: GuestRef | null): boolean => (ref?.uuid ?? null) === (guest?.uuid ?? null);
  const asked = decision.requests
    .filter((request) => own(request.guest))
    .map((request) => requestedControl(scene, explained, request));
  const calls = controlCalls(program).filter((call) => mayConcern(vocabulary, call, guest));
  const unreached = calls.filter((call) => reachedIn(scene, call) === undefined);
  return {
    guest,
    asked,
    errors: decision.errors
      .filter((error) => own(error.guest) || error.guest === null)
      .map((error) => ({ error, path: errorPath(scene, error, guest) })),
    notReached: unreached.map((call) => whyNot(scene, call)),
    asRecorded: asRecorded(explained, own),
  };
}

function requestedControl(scene: Scene, { vocabulary, plan }: Explained, request: ControlRequest): RequestedControl {
  const { name, value, reason, position, guest } = request;
  const same = (other: Action | Held): boolean =>
    other.control === name && (other.guest?.uuid ?? null) === (guest?.uuid ?? null);
  return {
    control: name,
    value,
    shown: shown(value, controlUnit(vocabulary, name)),
    unit: controlUnit(vocabulary, name),
    reason,
    position,
    action: plan.actions.find(same) ?? null,
    held: plan.held.find(same) ?? null,
    path: requestPath(scene, request),
  };
}

function requestPath(scene: Scene, { name, value, position }: ControlRequest): readonly Line[] {
  const call = controlCalls(scene.program).find(({ span }) => samePlace(span.source.positionAt(span.start), position));
  const frame = call && reachedIn(scene, call);
  if (!call || !frame) return [];
  const story = new Story(scene);
  for (const { step, frame: at } of pathTo(scene, scene.table.id(call), frame)) addStep(story, step, at);
  const [, wanted] = call.args;
  if (wanted) story.sources(wanted, frame);
  const text = shown(value, controlUnit(scene.vocabulary, name) ?? (wanted ? unitOf(scene, wanted, frame) : null));
  story.add('control', call, `requests ${wanted ? story.computation(name, wanted, frame, text) : name}`);
  return story.lines;
}

/** The conditions and values that led to a policy error. */
function errorPath(scene: Scene, error: PolicyError, guest: GuestRef | null): readonly Line[] {
  const story = new Story(scene);
  for (const { frame, id, failure } of scene.trace.failures) {
    if (
      !error.message.startsWith(failure.fault.message) ||
      (error.guest !== null && scene.guestOf(frame)?.guest?.uuid !== guest?.uuid)
    )
      continue;
    const failed = scene.table.expressions[id];
    if (!failed || (error.position && !samePlace(failed.span.source.positionAt(failed.span.start), error.position)))
      continue;
    for (const { step, frame: at } of pathTo(scene, id, frame)) addStep(story, step, at);
    story.sources(failed, frame);
    story.add('error', failed, `${story.withValues(failed, frame)}: ${failure.fault.message}`);
    break;
  }
  return story.lines;
}

/** The last frame in which a call of Control ran for a guest, or for the host. */
function reachedIn(scene: Scene, call: MethodCall): Frame | undefined {
  const id = scene.table.id(call);
  return scene.trace.frames.findLast((frame) => {
    if (!frame.recorded.has(id)) return false;
    const root = scene.lookup(call.callee.root, call, frame)?.value;
    return root instanceof Entity ? scene.isOwn(root) : scene.guest === null;
  });
}

function mayConcern({ controls }: Vocabulary, call: MethodCall, guest: GuestRef | null): boolean {
  const declared = controls.find(({ name }) => name === controlName(call));
  const ofHost = declared ? declared.scope === 'host' : call.callee.root === 'Host';
  return ofHost === (guest === null);
}

function controlCalls({ traceTable: table }: Program): readonly MethodCall[] {
  const texts: readonly Expression[] = table.expressions.slice(0, table.size);
  return texts.filter(
    (expression): expression is MethodCall => expression.kind === 'method' && expression.callee.attribute === 'Control',
  );
}

function asRecorded(
  { decision, recorded, vocabulary }: Explained,
  own: (guest: GuestRef | null) => boolean,
): Explanation['asRecorded'] {
  if (recorded === null) return null;
  const key = (requests: readonly ControlRequest[]) =>
    JSON.stringify(
      requests
        .filter(({ guest }) => own(guest))
        .map(({ name, value }) => [name, value])
        .sort(),
    );
  const requests = recorded
    .filter(({ guest }) => own(guest))
    .map(({ name, value }) => ({ control: name, shown: shown(value, controlUnit(vocabulary, name)) }));
  return { same: key(decision.requests) === key(recorded), requests };
}

function samePlace(a: SourcePosition, b: SourcePosition): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}
