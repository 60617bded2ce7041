import type { FaultCode } from './catalogue.ts';
import type { Fix } from './wording.ts';

/** An error or warning without its position; created by the catalogue. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  /** What would be right, if known. */
  readonly hint: string | null;
  /** The hint in machine-readable form, if it replaces a single word. */
  readonly fix?: Fix;
}

/** Thrown and caught inside an evaluation. Not an `Error`: only the position in the policy matters, not the stack. */
export class PolicyFailure {
  readonly fault: Fault;
  /** Index into the program's sites. */
  readonly site: number;
  /** The limit of the whole file is exhausted, so a guest's `with` body must not catch it. */
  readonly endsFile: boolean;

  constructor(fault: Fault, site: number, endsFile = false) {
    this.fault = fault;
    this.site = site;
    this.endsFile = endsFile;
  }
}
