import type { PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Fault } from '../messages/fault.ts';
import type { Entity } from '../values/entity.ts';
import type { RequestOrigin, Via } from '../values/requested.ts';
import type { CallContext } from '../values/values.ts';

/** The evaluation that calls a method: what the method may read and change of it. */
export interface MethodContext extends CallContext {
  /** The site of the call that is under way. */
  site: number;
  /** Index of the file that runs. */
  readonly file: number;
  /** The reason of the innermost `because`. */
  readonly reason: string | null;
  readonly journal: Writable;
  readonly image: Places;
  fail(fault: Fault, site?: number): never;
  /** Counts towards the bound on steps. */
  step(count: number, site: number): void;
}

/** What is kept and asked for in an evaluation. */
interface Writable {
  variable(entity: Entity, name: string): PolicyScalar | undefined;
  /** Whether the entity has so many variables. */
  hasVariables(entity: Entity, count: number): boolean;
  write(entity: Entity, name: string, value: PolicyScalar): void;
  request(entity: Entity, name: string, value: PolicyScalar, origin: RequestOrigin): void;
}

/** The places of the text, by site. */
interface Places {
  positionOf(site: number): SourcePosition;
  originOf(site: number, via: Via): RequestOrigin;
}
