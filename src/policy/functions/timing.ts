import { catalogue } from '../messages/catalogue.ts';
import { asNumber, describe, type CallContext, type Value } from '../values/values.ts';
import type { PlainFunction } from './plain-function.ts';

// What these remember is stored with the timers of `held-for`: for the guest of the loop, or for the host.

/** Remembered, as a timer, while it is true. */
export const hysteresis: PlainFunction = (args, context) => {
  const name = `hysteresis ${nameIn('hysteresis', args, context)}`;
  const [value, low, high] = args.slice(1).map((each) => numberIn(each, args, context)) as [number, number, number];
  if (low > high) return context.fail(catalogue.hysteresisBounds(String(low), String(high)));
  const was = context.timer(name) !== null;
  const is = was ? !(value < low) : value > high;
  if (is !== was) context.keepTimer(name, is ? { ranMs: context.nowMs } : null);
  return is;
};

export const mark: PlainFunction = (args, context) => {
  context.keepTimer(`mark ${nameIn('mark', args, context)}`, { ranMs: context.nowMs });
  return null;
};

/** Nil, too, if the clock was set back to before the event. */
export const timeSince: PlainFunction = (args, context) => {
  const marked = context.timer(`mark ${nameIn('time-since', args, context)}`);
  return marked !== null && 'ranMs' in marked && marked.ranMs <= context.nowMs
    ? (context.nowMs - marked.ranMs) / 1000
    : null;
};

function nameIn(form: string, [name]: readonly Value[], context: CallContext): string {
  return typeof name === 'string' ? name : context.fail(catalogue.textWanted(form, describe(name ?? null)));
}

function numberIn(value: Value, args: readonly Value[], context: CallContext): number {
  const number = asNumber(value);
  return number === undefined
    ? context.fail(catalogue.operands('hysteresis', 'numbers', describe(value), context.nilHint(args)))
    : Number(number);
}
