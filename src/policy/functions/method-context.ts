import type { PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Fault } from '../messages/fault.ts';
import type { Entity } from '../values/entity.ts';
import type { RequestOrigin, Via } from '../values/requested.ts';
import type { CallContext } from '../values/values.ts';

/** The parts of an evaluation that a method can read and change. */
export interface MethodContext extends CallContext {
  /** The site of the current call. */
  site: number;
  /** Index of the current file. */
  readonly file: number;
  /** The reason of the innermost `because`. */
  readonly reason: string | null;
  readonly journal: Writable;
  readonly image: Places;
  /** The value of a parameter for an entity; undefined: the policy declares none of this name. */
  paramOf(entity: Entity, name: string): number | string | undefined;
  fail(fault: Fault, site?: number): never;
  /** Counts towards the step limit. */
  step(count: number, site: number): void;
  /** Counts towards the memory limit. */
  take(bytes: number, site: number): void;
  /** Counts towards the limit of what leaves the evaluation. */
  putOut(units: number, site: number): void;
}

/** Stored variables and requests of an evaluation. */
interface Writable {
  variable(entity: Entity, name: string): PolicyScalar | undefined;
  /** Whether the entity has at least this many variables. */
  hasVariables(entity: Entity, count: number): boolean;
  /** Whether a variable fits beside all others, in values and UTF-16 units. */
  hasRoomFor(entity: Entity, name: string, value: PolicyScalar, limit: number): boolean;
  write(entity: Entity, name: string, value: PolicyScalar): void;
  request(entity: Entity, name: string, value: PolicyScalar, origin: RequestOrigin): void;
}

/** Source positions, by site. */
interface Places {
  /** The names of the declared parameters. */
  readonly params: readonly string[];
  positionOf(site: number): SourcePosition;
  originOf(site: number, via: Via): RequestOrigin;
}
