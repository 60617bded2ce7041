/**
 * An error in the command line or in an input file. The message is complete, with a line (or a rendered diagnostic) for each
 * mistake. A command that throws it has changed nothing.
 */
export class OperatorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
