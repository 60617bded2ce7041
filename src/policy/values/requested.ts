import type { PolicyScalar, SourcePosition } from '../../model/control.ts';

/** The call path to a source position: the sites of the calls through which functions with several callers were entered, innermost first; null without any. */
export type Via = number | string | null;

/** The decision data of one source position and call path. */
export interface RequestOrigin {
  readonly via: Via;
  readonly position: SourcePosition;
  /** The reason given by the policy, or the conditions that led here; null when there are none. */
  readonly reason: string | null;
}

/** The request of one `Control` call. The requests of one entity form a chain, newest first. */
export interface Requested {
  readonly name: string;
  readonly value: PolicyScalar;
  /** Source position and reason. */
  readonly origin: RequestOrigin;
  readonly previous: Requested | null;
  /** False once an error has dropped the decisions of the entity. */
  live: boolean;
}
