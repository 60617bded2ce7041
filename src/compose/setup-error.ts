import { OperatorError } from '../support/operator-error.ts';

/** An error in the config, or in its plugins, policies or parameters. */
export class SetupError extends OperatorError {}
