import { payForNewList, payForNewText, payForSearch } from './costs.ts';
import { catalogue } from '../messages/catalogue.ts';
import { Callable, describe, type CallContext, type Value } from './values.ts';

/** A method of texts, as Python has it: MOM's policies can call them. */
interface TextMethod {
  readonly takes: readonly [number, number];
  readonly signature: string;
  readonly call: (text: string, args: readonly Value[], context: CallContext) => Value;
}

const SPACE = /\s+/;

const METHODS: Readonly<Record<string, TextMethod>> = {
  upper: { takes: [0, 0], signature: '(TEXT.upper)', call: (text, _, context) => bounded(text.toUpperCase(), context) },
  lower: { takes: [0, 0], signature: '(TEXT.lower)', call: (text, _, context) => bounded(text.toLowerCase(), context) },
  strip: { takes: [0, 0], signature: '(TEXT.strip)', call: (text) => text.trim() },
  split: { takes: [0, 2], signature: '(TEXT.split "SEPARATOR" MOST)', call: split },
  startswith: {
    takes: [1, 1],
    signature: '(TEXT.startswith "START")',
    call: (text, args, context) => text.startsWith(textAt(args, 0, 'startswith', context)),
  },
  endswith: {
    takes: [1, 1],
    signature: '(TEXT.endswith "END")',
    call: (text, args, context) => text.endsWith(textAt(args, 0, 'endswith', context)),
  },
  find: {
    takes: [1, 1],
    signature: '(TEXT.find "PART")',
    call: (text, args, context) => {
      const part = textAt(args, 0, 'find', context);
      payForSearch(text.length, part.length, context);
      return text.indexOf(part);
    },
  },
  replace: {
    takes: [2, 2],
    signature: '(TEXT.replace "OLD" "NEW")',
    call: (text, args, context) => {
      const [old, by] = [textAt(args, 0, 'replace', context), textAt(args, 1, 'replace', context)];
      payForSearch(text.length, old.length, context);
      // Python replaces the empty text at both ends and between all characters.
      const between = old === '' ? ['', ...text, ''] : text.split(old);
      const places = between.length - 1;
      checkLength(text.length + places * (by.length - old.length), context);
      payForNewList(between.length, context);
      payForNewText(text.length + places * by.length, context);
      return between.join(by);
    },
  },
};

/** The names of all methods. */
export const TEXT_METHODS: ReadonlySet<string> = new Set(Object.keys(METHODS));

export function textMethod(text: string, name: string): Callable | undefined {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (!method) return undefined;
  return new Callable(name, method.takes, method.signature, (args, context) => {
    // Upper case can have up to three characters for one, replacing more: `bounded` and `checkLength` see to that.
    payForNewText(3 * text.length, context);
    return method.call(text, args, context);
  });
}

/** Without a separator, or with nil, it splits at white space; at most `MOST` times, the rest stays together. */
function split(text: string, [separator = null, most = -1]: readonly Value[], context: CallContext): Value {
  if (typeof most !== 'number' || !Number.isInteger(most))
    return context.fail(catalogue.operands('split', 'a whole number', describe(most), null));
  if (separator !== null && (typeof separator !== 'string' || separator === ''))
    return context.fail(catalogue.operands('split', 'a text that is not empty', describe(separator), null));
  if (separator !== null) payForSearch(text.length, separator.length, context);
  const { listLength } = context.limits;
  // One more than allowed is enough to fail.
  const wanted = most < 0 ? listLength + 1 : Math.min(most, listLength + 1);
  const found = separator === null ? words(text.trimStart(), wanted) : pieces(text, separator, wanted);
  if (found.length > listLength) return context.fail(catalogue.listLength(listLength));
  payForNewList(found.length, context);
  return found;
}

function pieces(text: string, separator: string, most: number): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = text.indexOf(separator); at !== -1 && found.length < most; at = text.indexOf(separator, from)) {
    found.push(text.slice(from, at));
    from = at + separator.length;
  }
  return [...found, text.slice(from)];
}

function words(text: string, most: number): readonly string[] {
  const found: string[] = [];
  let rest = text;
  for (let gap = SPACE.exec(rest); gap !== null && found.length < most; gap = SPACE.exec(rest)) {
    found.push(rest.slice(0, gap.index));
    rest = rest.slice(gap.index + gap[0].length);
  }
  return rest === '' ? found : [...found, rest];
}

function textAt(args: readonly Value[], index: number, method: string, context: CallContext): string {
  const value = args[index] ?? null;
  return typeof value === 'string' ? value : context.fail(catalogue.operands(method, 'a text', describe(value), null));
}

function checkLength(length: number, context: CallContext): void {
  const { textLength } = context.limits;
  if (length > textLength) context.fail(catalogue.textLength(textLength));
}

function bounded(text: string, context: CallContext): string {
  checkLength(text.length, context);
  return text;
}
