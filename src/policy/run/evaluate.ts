import type { ControlRequest, GuestRef, SourcePosition } from '../../model/control.ts';
import type { Decision } from '../../model/decision.ts';
import { NO_WRITES, type MemoryWrites, type PolicyMemory } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import { type Fault, PolicyFailure } from '../messages/fault.ts';
import { NEEDS_ALL_SCOPES } from '../image/cells.ts';
import { diagnostic, policyError, type Diagnostic } from '../messages/diagnostics.ts';
import { ERROR_BYTES } from '../values/costs.ts';
import { Entity } from '../values/entity.ts';
import { Journal, type Request } from './journal.ts';
import type { Machine } from './machine.ts';
import type { Program } from './program.ts';
import type { Image, Unit } from '../image/image.ts';
import type { Times } from './pace.ts';
import type { ParamValues } from '../params/resolve.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { Value } from '../values/values.ts';

export interface EvaluateOptions {
  /**
   * isolate (the default): an error drops the decisions of the guest or file in which it occurs; all others are kept.
   * abort: any error ends the evaluation and drops all of its decisions.
   */
  readonly onError?: 'isolate' | 'abort';
  /** Receives the output of `debug`. Must not evaluate the same program. */
  readonly debug?: (text: string, position: SourcePosition) => void;
  /** Monotonic milliseconds for the time limit; without it only steps are limited. */
  readonly clock?: () => number;
  /** Parameter overrides. */
  readonly params?: ParamValues;
  /** Receives the value of every expression. Costs time, but does not change the decision. */
  readonly tracer?: Tracer;
  /** Whether to return the values of top-level expressions. */
  readonly collectResults?: boolean;
}

export interface Evaluation {
  readonly decision: Decision;
  readonly writes: MemoryWrites;
  /** With `collectResults`: the values of the top-level expressions of all files, in order; for a failed file, those before the error. */
  readonly results: readonly Value[];
  /** The errors of the decision, with full details. */
  readonly diagnostics: readonly Diagnostic[];
  /** Steps taken. Deterministic for the same input. */
  readonly steps: number;
}

/** Evaluates a program on one snapshot. Pure except for the two callbacks; never throws because of a policy. */
export function evaluate(
  program: Program,
  input: PolicyInput,
  memory: PolicyMemory,
  options: EvaluateOptions = {},
): Evaluation {
  const { machine } = program;
  if (machine.busy) throw new Error('the program is already being evaluated: a debug callback must not evaluate it');
  machine.busy = true;
  try {
    const evaluation = run(program, input, memory, options);
    const { debug } = options;
    if (debug) for (const { text, site } of machine.debugOutput) debug(text, machine.image.positionOf(site));
    return evaluation;
  } finally {
    machine.busy = false;
  }
}

function run(program: Program, input: PolicyInput, memory: PolicyMemory, options: EvaluateOptions): Evaluation {
  const { machine, limits } = program;
  const tracer = options.tracer ?? null;
  const image = tracer === null ? program.image : program.tracedImage;
  tracer?.begin(program.traceTable, image);
  machine.tracer = tracer;
  const abort = options.onError === 'abort';
  const journal = new Journal(memory);
  const times: Times = { nowMs: input.timeMs, beforeMs: image.hasTimers ? journal.evaluatedMs : null };
  machine.begin(
    image,
    journal,
    times,
    !abort,
    options.clock ?? null,
    options.params ?? null,
    options.collectResults === true ? [] : null,
  );
  image.locateFields(input.hostLayout, input.guestLayout);
  const budget = limits.steps + limits.stepsPerGuest * input.guests.length;
  let steps = 0;
  try {
    const host = bindEntities(image, input);
    machine.host = host;
    for (let file = 0; file < image.units.length && !(abort && machine.failed.length > 0); file += 1) {
      runFile(image, machine, file, budget);
      steps += budget - machine.stepsLeft;
    }
  } catch (signal) {
    // The evaluation has had no visible effect yet, so it can be restarted.
    if (signal !== NEEDS_ALL_SCOPES || !program.useAllScopes()) throw signal;
    machine.closeAll();
    machine.loseTime();
    return run(program, input, memory, options);
  } finally {
    machine.finish();
    machine.keepTime();
    for (const cell of image.cells) cell.value = undefined;
    for (const cell of image.functions) cell.definition = null;
  }
  const nothing = abort && machine.failed.length > 0;
  const diagnostics = machine.failed.map(({ failure, guest }) =>
    diagnostic('eval', image.span(failure.site), failure.fault, { guest: guest && refOf(guest) }),
  );
  return {
    decision: {
      requests: nothing ? [] : controlRequests(journal.requests()),
      errors: diagnostics.map(policyError),
    },
    writes: nothing ? NO_WRITES : journal.writes(image.hasTimers ? input.timeMs : null),
    results: machine.results ?? [],
    diagnostics,
    steps,
  };
}

/** Binds the predefined names; returns the host. */
function bindEntities(
  { predefined, hostCell, guestsCell, readsDisks, readsNodes }: Image,
  { hostLayout, guestLayout, host, guests }: PolicyInput,
): Entity {
  for (const { cell, value } of predefined) cell.value = value;
  const hostEntity = new Entity(hostLayout, host, null);
  if (hostCell) hostCell.value = hostEntity;
  const entities: Entity[] = [];
  for (const guest of guests) entities.push(new Entity(guestLayout, guest, guest));
  if (guestsCell) guestsCell.value = entities;
  if (readsDisks) for (const entity of entities) entity.showDisks();
  if (readsNodes) hostEntity.showNodes(entities);
  return hostEntity;
}

function runFile(image: Image, machine: Machine, file: number, budget: number): void {
  const mark = machine.startFile(file, budget);
  const { memoryLeft, failed } = machine;
  const failedBefore = failed.length;
  try {
    for (const { run, weight, site } of image.units[file] as readonly Unit[]) {
      machine.step(weight, site);
      run(machine);
    }
  } catch (failure) {
    if (!(failure instanceof PolicyFailure)) throw failure;
    machine.closeAll();
    machine.tracer?.failFile(failure);
    machine.journal.rollback(mark);
    // What the file has allocated is garbage now, except its errors; the next file has the room.
    const errors = failed.slice(failedBefore).reduce((sum, { failure: { fault } }) => sum + errorBytes(fault), 0);
    machine.giveBack(Math.max(0, memoryLeft - machine.memoryLeft - errors));
    failed.push({ failure, guest: null });
  }
}

/** The memory of an error, as counted when it was caught. */
function errorBytes({ message, hint }: Fault): number {
  return ERROR_BYTES + 2 * (message.length + (hint?.length ?? 0));
}

function controlRequests(requests: readonly Request[]): ControlRequest[] {
  const all: ControlRequest[] = [];
  for (const { entity, name, value, origin } of requests) {
    all.push({ name, guest: refOf(entity), value, reason: origin.reason, position: origin.position });
  }
  return all;
}

function refOf({ guest }: Entity): GuestRef | null {
  return guest && { name: guest.name, uuid: guest.uuid };
}
