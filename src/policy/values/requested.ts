import type { PolicyScalar, SourcePosition } from '../../model/control.ts';

/** How a place of the text was reached: the sites of the calls through which functions with several callers were entered, innermost first; null without any. */
export type Via = number | string | null;

/** What a decision says of one place of the text, reached in one way. */
export interface RequestOrigin {
  readonly via: Via;
  readonly position: SourcePosition;
  /** The policy's own words, or the conditions that led to the place; null when there were none. */
  readonly reason: string | null;
}

/** What one `Control` call asked for. The requests of one entity form a chain, newest first. */
export interface Requested {
  readonly name: string;
  readonly value: PolicyScalar;
  /** Where and why it was asked for. */
  readonly origin: RequestOrigin;
  readonly previous: Requested | null;
  /** False once an error has cost the entity its decisions. */
  live: boolean;
}
