import { FUNCTION_VALUES, type FunctionValueName } from '../builtins/function-values.ts';
import { Callable, show, type Value } from '../values/values.ts';
import { absolute } from './arithmetic.ts';

/** The place and time of a line of the log. */
const LINE_UNITS = 64;

const CODE: Readonly<Record<FunctionValueName, Callable['call']>> = {
  abs: absolute,
  debug: (args, context) => {
    const texts = args.map((value) => show(value, context));
    // Paid before they are joined: 250 texts of the maximum length are 32 MB.
    context.putOutText(texts.reduce((sum, text) => sum + text.length + 1, LINE_UNITS));
    context.debug(texts.join(' '));
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
