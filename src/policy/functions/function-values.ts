import { FUNCTION_VALUES, type FunctionValueName } from '../builtins/function-values.ts';
import { Callable, show, type Value } from '../values/values.ts';
import { absolute } from './arithmetic.ts';

const CODE: Readonly<Record<FunctionValueName, Callable['call']>> = {
  abs: absolute,
  debug: (args, context) => {
    context.debug(args.map((value) => show(value, context)).join(' '));
    return args.at(-1) as Value;
  },
};

/** The values of the predefined function variables. */
export const FUNCTION_CALLABLES: ReadonlyMap<string, Callable> = new Map(
  [...FUNCTION_VALUES.values()].map(({ name, minArguments, maxArguments, signature }) => [
    name,
    new Callable(name, [minArguments, maxArguments], signature, CODE[name]),
  ]),
);
