import type { GuestRef } from '../../model/control.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { calledName } from '../../policy/forms/scopes.ts';
import { Entity, type Program, type Value } from '../../policy/index.ts';
import type { Define, Expression, Loop, With } from '../../policy/forms/forms.ts';
import { NONE, type Frame, type Trace, type TraceTable } from '../../policy/trace/index.ts';

/** What a name stood for, and where it got that. */
export interface Binding {
  readonly value: Value | undefined;
  /** What computed it; null for an element of a loop and a parameter of the policy. */
  readonly source: Expression | null;
  /** Where the source was evaluated. */
  readonly frame: Frame;
  readonly isParameter: boolean;
}

/** An evaluation that was traced, with what is needed to talk about it. */
export class Scene {
  readonly program: Program;
  readonly trace: Trace;
  readonly vocabulary: Vocabulary;
  readonly table: TraceTable;
  /** Whom it is about; null: the host. */
  readonly guest: GuestRef | null;
  /** Those that were derived so far. */
  readonly units = new Map<Frame, Map<Expression, string | null>>();
  /** How many are being derived, one for the other. */
  deriving = 0;
  readonly #definitions = new Map<number, Define>();
  /** Expressions that give a name a value, by the body that they are in. */
  readonly #binders = new Map<number, Expression[]>();
  /** Each `set` of a name, by the body that it is in. */
  readonly #assigns = new Map<string, Map<number, Expression[]>>();

  constructor(program: Program, trace: Trace, vocabulary: Vocabulary, guest: GuestRef | null) {
    this.program = program;
    this.trace = trace;
    this.vocabulary = vocabulary;
    this.guest = guest;
    this.table = program.traceTable;
    for (const [id, expression] of this.table.expressions.entries()) {
      if (expression.kind === 'define') this.#definitions.set(this.table.id(expression.body), expression);
      if (expression.kind === 'assign') {
        const assigns = this.#assigns.get(expression.name) ?? new Map<number, Expression[]>();
        this.#assigns.set(expression.name, assigns);
        const own = this.table.bodies[id] as number;
        assigns.set(own, [...(assigns.get(own) ?? []), expression]);
      }
      if (!['let', 'defvar', 'assign', 'param'].includes(expression.kind)) continue;
      const body = this.table.bodies[id] as number;
      const binders = this.#binders.get(body);
      if (binders) binders.push(expression);
      else this.#binders.set(body, [expression]);
    }
  }

  value(expression: Expression, frame: Frame): Value | undefined {
    return frame.value(this.table.id(expression));
  }

  /** How long a `held-for` has held whose time has not come, or ago it is that an `every` or `cooldown` ran; undefined: it is not waiting. */
  elapsedSeconds(expression: Expression, frame: Frame): number | undefined {
    const elapsedMs = frame.elapsedMs.get(this.table.id(expression));
    return elapsedMs === undefined ? undefined : elapsedMs / 1000;
  }

  /** The function that a frame ran; undefined for a loop and for the top level. */
  functionOf({ body }: Frame): Define | undefined {
    return this.#definitions.get(body);
  }

  /** What the function that a call called did; undefined when it called none of the policy's, or did not run. */
  called(call: Expression, frame: Frame): Frame | undefined {
    if (calledName(call) === null) return undefined;
    const id = this.table.id(call);
    return frame.children.findLast(({ caller }) => caller === id);
  }

  /** All calls of a function, and the loop around the body of a loop. */
  callersOf(body: number): readonly number[] {
    const loop = this.table.parents[body] as number;
    if (loop !== NONE) return [loop];
    const name = this.#definitions.get(body)?.name;
    return [...this.table.expressions.keys()].filter(
      (id) => name !== undefined && calledName(this.table.expression(id)) === name,
    );
  }

  /** What a name stood for where an expression was evaluated: scopes are dynamic, so the frames that it ran for are asked in turn. */
  lookup(name: string, reader: Expression, from: Frame): Binding | null {
    let before = this.table.id(reader);
    let inner: Frame | null = null;
    for (let frame: Frame | null = from; frame !== null; frame = frame.parent) {
      const found = this.#boundIn(name, frame, before);
      if (found) return this.#assignedBelow(name, frame, before, inner, found) ?? found;
      before = frame.caller;
      inner = frame;
    }
    return null;
  }

  /** What a `set` in the loops and functions that a frame ran before has given a name of that frame. */
  #assignedBelow(name: string, frame: Frame, before: number, until: Frame | null, { source }: Binding): Binding | null {
    const bodies = this.#assigns.get(name);
    if (!bodies) return null;
    const after = source === null ? NONE : this.table.id(source);
    let last: Binding | null = null;
    for (const child of frame.children) {
      if (child === until) break;
      if (child.caller <= after || (until === null && child.caller >= before)) continue;
      last = this.#assignedIn(name, child, bodies) ?? last;
    }
    return last;
  }

  #assignedIn(name: string, frame: Frame, bodies: ReadonlyMap<number, readonly Expression[]>): Binding | null {
    // Below a binding of its own the name is another one.
    if (this.#givenTo(name, frame)) return null;
    const own = (bodies.get(frame.body) ?? []).findLast((assign) => this.value(assign, frame) !== undefined);
    if (own) return { value: this.value(own, frame), source: sourceIn(own, name) ?? null, frame, isParameter: false };
    return frame.children.reduce<Binding | null>((last, child) => this.#assignedIn(name, child, bodies) ?? last, null);
  }

  /** The last binding before an expression of the frame. */
  #boundIn(name: string, frame: Frame, before: number): Binding | null {
    for (const binder of (this.#binders.get(frame.body) ?? []).toReversed()) {
      const source = sourceIn(binder, name);
      if (source === undefined || !this.#inForce(binder, source, before)) continue;
      const value = binder.kind === 'let' ? this.value(source as Expression, frame) : this.value(binder, frame);
      if (value !== undefined) return { value, source, frame, isParameter: false };
    }
    return this.#givenTo(name, frame);
  }

  /** A `let` holds for what is in it, the others for what comes after. */
  #inForce(binder: Expression, source: Expression | null, before: number): boolean {
    const id = this.table.id(binder);
    if (before < id) return false;
    return binder.kind === 'let'
      ? this.#isWithin(before, id) && !this.#isWithin(before, this.table.id(source as Expression))
      : !this.#isWithin(before, id);
  }

  #isWithin(id: number, around: number): boolean {
    for (let at = id; at !== NONE; at = this.table.parents[at] as number) if (at === around) return true;
    return false;
  }

  /** The element of a loop, or the argument of a function. */
  #givenTo(name: string, frame: Frame): Binding | null {
    const { parent } = frame;
    if (parent === null) return null;
    const define = this.functionOf(frame);
    if (!define)
      return this.#loopOf(frame) === name ? { value: frame.item, source: null, frame, isParameter: false } : null;
    const at = Array.isArray(define.parameters) ? define.parameters.indexOf(name) : -1;
    const call = frame.caller === NONE ? null : this.table.expression(frame.caller);
    const argument = call?.kind === 'call' || call?.kind === 'method' ? call.args[at] : undefined;
    return at === -1 || !argument
      ? null
      : { value: this.value(argument, parent), source: argument, frame: parent, isParameter: true };
  }

  /** The name that a loop gives its elements. */
  #loopOf({ caller }: Frame): string | null {
    const loop = this.table.expression(caller) as With | Loop;
    return loop.kind === 'with' ? loop.variable : (loop.each?.variable ?? null);
  }

  /** The guest that a frame is about: that of the innermost loop over guests; null outside of any. */
  guestOf(from: Frame): Entity | null {
    for (let frame: Frame | null = from; frame !== null; frame = frame.parent) {
      if (frame.item instanceof Entity && frame.item.isGuest) return frame.item;
    }
    return null;
  }

  /** Whether a value is the guest, or the host, that this is about. */
  isOwn(value: Value | undefined): boolean {
    return value instanceof Entity && (value.guest?.uuid ?? null) === (this.guest?.uuid ?? null);
  }

  /** Frames of the guest's own turns, and those outside of any loop over guests. Of the host: all. */
  concerns(frame: Frame): boolean {
    const own = this.guestOf(frame);
    return this.guest === null || own === null || this.isOwn(own);
  }

  /** The turns that a loop took in a frame. */
  turns(loop: Expression, frame: Frame): readonly Frame[] {
    const id = this.table.id(loop);
    return frame.children.filter(({ caller }) => caller === id);
  }
}

/** What gives a name its value in a form; null: an operator's setting; undefined: it gives that name none. */
function sourceIn(binder: Expression, name: string): Expression | null | undefined {
  switch (binder.kind) {
    case 'let':
      return binder.bindings.find((binding) => binding.name === name)?.value;
    case 'defvar':
    case 'assign':
      return binder.name === name ? binder.value : undefined;
    case 'param':
      return binder.name === name ? null : undefined;
    default:
      return undefined;
  }
}
