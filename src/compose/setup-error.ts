import { OperatorError } from '../support/operator-error.ts';

/** What is wrong with the config, or with the plugins, policies and parameters that it names. */
export class SetupError extends OperatorError {}
