import { catalogue } from '../messages/catalogue.ts';
import { payForNewText } from '../values/costs.ts';
import { describe, type CallContext, type Value } from '../values/values.ts';

/** The argument, which must be a text. @param name the function, for the message */
export function textAt(name: string, index: number, args: readonly Value[], context: CallContext): string {
  const value = args[index] ?? null;
  return typeof value === 'string'
    ? value
    : context.fail(catalogue.operands(name, 'texts', describe(value), context.nilHint(args)));
}

/** The text of all parts, paid for before it is made. */
export function joined(parts: readonly string[], context: CallContext): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  payForJoined(length, parts.length, context);
  return parts.join('');
}

/** Pays for a text made of parts, and refuses one that is too long. */
export function payForJoined(length: number, parts: number, context: CallContext): void {
  const { textLength } = context.limits;
  if (length > textLength) context.fail(catalogue.textLength(textLength));
  context.charge(parts);
  payForNewText(length, context);
}
