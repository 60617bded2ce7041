import { OperatorError } from '../../support/operator-error.ts';
import type { Scenario } from '../scenario/model.ts';

/** A scenario made of data. */
export interface Fitted {
  readonly scenario: Scenario;
  /** What the data do not say and was concluded or assumed, a sentence each. */
  readonly inferred: readonly string[];
}

/** The data cannot be read, or there is nothing in them to simulate. */
export class NoDemandError extends OperatorError {}
