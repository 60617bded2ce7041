import type { ControlRequest, SourcePosition } from '../model/control.ts';
import type { Decision } from '../model/decision.ts';
import { EMPTY_MEMORY, type MemoryWrites, type PolicyMemory } from '../model/memory.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import { FUNCTION_VALUES } from './builtins.ts';
import { catalogue, PolicyFailure } from './catalogue.ts';
import { diagnostic, policyError, type Diagnostic } from './diagnostics.ts';
import { Entity } from './entity.ts';
import { Journal, type Request } from './journal.ts';
import { Machine } from './machine.ts';
import type { Program, Unit } from './program.ts';
import { isList, type Value } from './values.ts';

export interface EvaluateOptions {
  /**
   * isolate (the default): an error costs a guest, or a file, its decisions; the others stand.
   * abort: an error anywhere ends the evaluation, and nothing of it counts.
   */
  readonly onError?: 'isolate' | 'abort';
  /** Receives what `debug` writes. It must not evaluate the same program. */
  readonly debug?: (text: string, position: SourcePosition) => void;
  /** Milliseconds that only grow, for the bound on time; without it only steps are bounded. */
  readonly clock?: () => number;
  /** Whether to keep the value of each top-level expression. */
  readonly collectResults?: boolean;
}

export interface Evaluation {
  readonly decision: Decision;
  readonly writes: MemoryWrites;
  /** With `collectResults`: the values of the top-level expressions, in order over the files; of a file that failed, those before the error. */
  readonly results: readonly Value[];
  /** The errors of the decision, with all that is known of them. */
  readonly diagnostics: readonly Diagnostic[];
  /** Steps taken. Deterministic: the same input costs the same. */
  readonly steps: number;
}

/** Runs a program over one snapshot. Pure but for the two callbacks; never throws for what a policy does. */
export function evaluate(program: Program, input: PolicyInput, memory: PolicyMemory, options: EvaluateOptions = {}): Evaluation {
  if (program.busy) throw new Error('this program is being evaluated: a debug callback must not evaluate it again');
  program.busy = true;
  try {
    return new Run(program, input, memory, options).all();
  } finally {
    program.busy = false;
  }
}

class Run {
  readonly #program: Program;
  readonly #input: PolicyInput;
  readonly #machine: Machine;
  readonly #journal: Journal;
  readonly #abort: boolean;
  readonly #results: Value[] | null;
  readonly #diagnostics: Diagnostic[] = [];
  #steps = 0;

  constructor(program: Program, input: PolicyInput, memory: PolicyMemory, options: EvaluateOptions) {
    this.#program = program;
    this.#input = input;
    this.#abort = options.onError === 'abort';
    this.#results = options.collectResults === true ? [] : null;
    this.#journal = new Journal(memory);
    this.#machine = new Machine(program, this.#journal, {
      isolate: !this.#abort,
      clock: options.clock ?? null,
      debug: options.debug ?? null,
      guestFailed: (guest, failure) => this.#guestFailed(guest, failure),
    });
  }

  all(): Evaluation {
    this.#prepare();
    try {
      for (let file = 0; file < this.#program.units.length; file += 1) {
        const whole = this.#file(file);
        if (!whole && this.#abort) return this.#outcome([], EMPTY_MEMORY);
      }
    } finally {
      this.#machine.closeAll(0);
    }
    return this.#outcome(this.#journal.requests(), this.#journal.writes());
  }

  /** The names that exist before the first expression, and no functions. */
  #prepare(): void {
    const { hostLayout, guestLayout, host, guests } = this.#input;
    const { cells, functions } = this.#program;
    this.#program.locateFields(hostLayout, guestLayout);
    for (const cell of cells) cell.value = undefined;
    for (const cell of functions) cell.definition = null;
    const bind = (name: string, value: Value): void => {
      const cell = this.#program.cell(name);
      if (cell) this.#machine.bind(cell, value);
    };
    for (const [name, callable] of FUNCTION_VALUES) bind(name, callable);
    bind('Host', new Entity(hostLayout, host, null));
    bind('Guests', guests.map((guest) => new Entity(guestLayout, guest, guest)));
  }

  /** False when an error has ended the file. */
  #file(file: number): boolean {
    const { limits } = this.#program;
    const budget = limits.steps + limits.stepsPerGuest * this.#input.guests.length;
    const mark = this.#machine.startFile(file, budget);
    let top = 0;
    try {
      for (const unit of this.#program.units[file] as readonly Unit[]) {
        top = this.#machine.top;
        this.#machine.step(unit.weight, unit.site);
        const value = unit.run(this.#machine);
        if (this.#results) this.#results.push(this.#checked(value, unit.site));
      }
      return true;
    } catch (failure) {
      if (!(failure instanceof PolicyFailure)) throw failure;
      this.#machine.closeAll(top);
      this.#journal.rollback(mark);
      this.#diagnostics.push(diagnostic('eval', this.#program.span(failure.site), failure.fault));
      return false;
    } finally {
      this.#steps += budget - this.#machine.stepsLeft;
    }
  }

  /** A result leaves the evaluation: lists may share parts, so a small program can make one that no memory holds. */
  #checked(value: Value, site: number): Value {
    const { listDepth, storedSize } = this.#program.limits;
    let room = storedSize;
    const measure = (part: Value, depth: number): void => {
      room -= typeof part === 'string' ? part.length + 1 : 1;
      if (room < 0) throw new PolicyFailure(catalogue.storedSize('the result', storedSize), site);
      if (typeof part !== 'object' || part === null || !isList(part)) return;
      if (depth >= listDepth) throw new PolicyFailure(catalogue.listDepth(listDepth), site);
      for (const item of part) measure(item, depth + 1);
    };
    measure(value, 0);
    return value;
  }

  #guestFailed(guest: Entity, failure: PolicyFailure): void {
    guest.failedAt ??= [];
    if (guest.failedAt.includes(failure.site)) return;
    guest.failedAt.push(failure.site);
    this.#diagnostics.push(diagnostic('eval', this.#program.span(failure.site), failure.fault, { guest: refOf(guest) }));
  }

  #outcome(requests: readonly Request[], writes: MemoryWrites): Evaluation {
    return {
      decision: {
        requests: requests.map((request) => this.#controlRequest(request)),
        errors: this.#diagnostics.map(policyError),
      },
      writes,
      results: this.#results ?? [],
      diagnostics: this.#diagnostics,
      steps: this.#steps,
    };
  }

  #controlRequest({ entity, name, value, reason, site }: Request): ControlRequest {
    return { name, guest: refOf(entity), value, reason, position: this.#program.positionOf(site) };
  }
}

function refOf({ guest }: Entity): ControlRequest['guest'] {
  return guest && { name: guest.name, uuid: guest.uuid };
}
