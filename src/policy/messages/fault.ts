import type { FaultCode } from './catalogue.ts';
import type { Fix } from './wording.ts';

/** What went wrong, before it is known where: the entries of the catalogue make these. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
  /** What would be right, where that can be told. */
  readonly hint: string | null;
  /** The same for programs, where it is a change of one word. */
  readonly fix?: Fix;
}

/** Raised inside an evaluation, and always caught there. Not an `Error`: it needs no stack, the policy's position is what counts. */
export class PolicyFailure {
  readonly fault: Fault;
  /** Index into the program's sites. */
  readonly site: number;
  /** The bound of the whole file is used up: no guest's `with` body may swallow it. */
  readonly endsFile: boolean;

  constructor(fault: Fault, site: number, endsFile = false) {
    this.fault = fault;
    this.site = site;
    this.endsFile = endsFile;
  }
}
