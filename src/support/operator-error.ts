/**
 * What the operator gave is wrong: the command line, or a file that it names. The message says all that there is to say, a line (or a
 * drawing) for each mistake. A command that throws one has done nothing.
 */
export class OperatorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
