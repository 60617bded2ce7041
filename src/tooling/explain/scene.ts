import type { GuestRef } from '../../model/control.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { calledName } from '../../policy/forms/scopes.ts';
import { Entity, type Program, type Value } from '../../policy/index.ts';
import type { Define, Expression, Loop, With } from '../../policy/forms/forms.ts';
import { NONE, type Frame, type Trace, type TraceTable } from '../../policy/trace/index.ts';

/** The value of a name and its origin. */
export interface Binding {
  readonly value: Value | undefined;
  /** The expression that computed it; null for a loop element or a parameter of the policy. */
  readonly source: Expression | null;
  /** The frame in which the source was evaluated. */
  readonly frame: Frame;
  readonly isParameter: boolean;
}

/** A traced evaluation, with look-ups by expression, name and frame. */
export class Scene {
  readonly program: Program;
  readonly trace: Trace;
  readonly vocabulary: Vocabulary;
  readonly table: TraceTable;
  /** The explained guest; null: the host. */
  readonly guest: GuestRef | null;
  /** Derived units, cached. */
  readonly units = new Map<Frame, Map<Expression, string | null>>();
  /** Depth of nested derivations. */
  deriving = 0;
  readonly #definitions = new Map<number, Define>();
  /** Expressions that bind a name, by the body that contains them. */
  readonly #binders = new Map<number, Expression[]>();
  /** The `set` expressions of each name, by the body that contains them. */
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
      if (!['let', 'grant', 'defvar', 'assign', 'param'].includes(expression.kind)) continue;
      const body = this.table.bodies[id] as number;
      const binders = this.#binders.get(body);
      if (binders) binders.push(expression);
      else this.#binders.set(body, [expression]);
    }
  }

  value(expression: Expression, frame: Frame): Value | undefined {
    return frame.value(this.table.id(expression));
  }

  /** Seconds since the timer of a pending `held-for` started, or since an `every` or `cooldown` last ran; undefined: it is not waiting. */
  elapsedSeconds(expression: Expression, frame: Frame): number | undefined {
    const elapsedMs = frame.elapsedMs.get(this.table.id(expression));
    return elapsedMs === undefined ? undefined : elapsedMs / 1000;
  }

  /** The function that a frame ran; undefined for loops and the top level. */
  functionOf({ body }: Frame): Define | undefined {
    return this.#definitions.get(body);
  }

  /** The frame of a called function; undefined if it is not a function of the policy or did not run. */
  called(call: Expression, frame: Frame): Frame | undefined {
    if (calledName(call) === null) return undefined;
    const id = this.table.id(call);
    return frame.children.findLast(({ caller }) => caller === id);
  }

  /** All calls of a function, or the loop that contains a loop body. */
  callersOf(body: number): readonly number[] {
    const loop = this.table.parents[body] as number;
    if (loop !== NONE) return [loop];
    const name = this.#definitions.get(body)?.name;
    return [...this.table.expressions.keys()].filter(
      (id) => name !== undefined && calledName(this.table.expression(id)) === name,
    );
  }

  /** The binding of a name where an expression was evaluated. Scopes are dynamic, so the calling frames are searched in turn. */
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

  /** The last `set` of a name of this frame in loops and functions that the frame ran earlier. */
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
    // The frame binds the name itself, so a `set` in it changes that binding.
    if (this.#passedTo(name, frame)) return null;
    const own = (bodies.get(frame.body) ?? []).findLast((assign) => this.value(assign, frame) !== undefined);
    if (own) return { value: this.value(own, frame), source: sourceIn(own, name) ?? null, frame, isParameter: false };
    return frame.children.reduce<Binding | null>((last, child) => this.#assignedIn(name, child, bodies) ?? last, null);
  }

  /** The last binding before an expression of the frame. */
  #boundIn(name: string, frame: Frame, before: number): Binding | null {
    for (const binder of (this.#binders.get(frame.body) ?? []).toReversed()) {
      const source = sourceIn(binder, name);
      if (source === undefined || !this.#isVisible(binder, source, before)) continue;
      const value = binder.kind === 'let' ? this.value(source as Expression, frame) : this.value(binder, frame);
      if (value !== undefined) return { value, source, frame, isParameter: false };
    }
    return this.#passedTo(name, frame);
  }

  /** A `let` and what `hand-out` gives are visible in the bodies, other bindings in what follows them. */
  #isVisible(binder: Expression, source: Expression | null, before: number): boolean {
    const id = this.table.id(binder);
    if (before < id) return false;
    if (binder.kind === 'grant') return this.#isWithin(before, this.table.id(binder.body));
    return binder.kind === 'let'
      ? this.#isWithin(before, id) && !this.#isWithin(before, this.table.id(source as Expression))
      : !this.#isWithin(before, id);
  }

  #isWithin(id: number, around: number): boolean {
    for (let at = id; at !== NONE; at = this.table.parents[at] as number) if (at === around) return true;
    return false;
  }

  /** The element of a loop or the argument of a function. */
  #passedTo(name: string, frame: Frame): Binding | null {
    const { parent } = frame;
    if (parent === null) return null;
    const define = this.functionOf(frame);
    if (!define) {
      const loop = this.table.expression(frame.caller) as With | Loop;
      const binding = { source: null, frame, isParameter: false };
      if (loop.kind === 'loop' && loop.carried?.name === name) return { ...binding, value: this.#carried(loop, frame) };
      const variable = loop.kind === 'with' ? loop.variable : (loop.each?.variable ?? null);
      return variable === name ? { ...binding, value: frame.item } : null;
    }
    const at = Array.isArray(define.parameters) ? define.parameters.indexOf(name) : -1;
    const call = frame.caller === NONE ? null : this.table.expression(frame.caller);
    const argument = call?.kind === 'call' || call?.kind === 'method' ? call.args[at] : undefined;
    return at === -1 || !argument
      ? null
      : { value: this.value(argument, parent), source: argument, frame: parent, isParameter: true };
  }

  /** What `fold` passed on to an iteration: the value of the last one before that had one. */
  #carried({ carried, each }: Loop, frame: Frame): Value | undefined {
    const { parent, caller } = frame;
    if (parent === null || !carried || !each) return undefined;
    const all = parent.children.filter((child) => child.caller === caller);
    const before = all.slice(0, all.indexOf(frame));
    return before.reduce(
      (value, iteration) => this.value(each.body, iteration) ?? value,
      this.value(carried.initial, parent),
    );
  }

  /** The guest of the innermost loop over guests; null outside such loops. */
  guestOf(from: Frame): Entity | null {
    for (let frame: Frame | null = from; frame !== null; frame = frame.parent) {
      if (frame.item instanceof Entity && frame.item.isGuest) return frame.item;
    }
    return null;
  }

  /** Whether a value is the explained guest or host. */
  isOwn(value: Value | undefined): boolean {
    return value instanceof Entity && (value.guest?.uuid ?? null) === (this.guest?.uuid ?? null);
  }

  /** Frames in the guest's own iterations and outside of all loops over guests. For the host: all frames. */
  concerns(frame: Frame): boolean {
    const own = this.guestOf(frame);
    return this.guest === null || own === null || this.isOwn(own);
  }

  /** The iterations of a loop in a frame. */
  iterations(loop: Expression, frame: Frame): readonly Frame[] {
    const id = this.table.id(loop);
    return frame.children.filter(({ caller }) => caller === id);
  }
}

/** The expression that a form binds to a name; null: a parameter of the policy; undefined: the form does not bind the name. */
function sourceIn(binder: Expression, name: string): Expression | null | undefined {
  switch (binder.kind) {
    case 'let':
      return binder.bindings.find((binding) => binding.name === name)?.value;
    case 'defvar':
    case 'assign':
      return binder.name === name ? binder.value : undefined;
    case 'param':
      return binder.name === name ? null : undefined;
    case 'grant':
      return binder.name === name ? binder : undefined;
    default:
      return undefined;
  }
}
