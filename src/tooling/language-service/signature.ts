import { spanText } from '../../policy/text/source.ts';
import { BUILTINS, OPERATORS } from '../../policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../../policy/builtins/function-values.ts';
import { METHODS } from '../../policy/builtins/methods.ts';
import { commentOf } from './comments.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import type { PolicyProgram } from './program.ts';

/** The signature of a call. */
export interface Signature {
  readonly label: string;
  readonly doc: string;
  /** The range of each parameter in the label. */
  readonly parameters: readonly (readonly [start: number, end: number])[];
}

export interface SignatureHelp {
  readonly signatures: readonly Signature[];
  /** The active signature, and the parameter at the cursor; null after the last parameter. */
  readonly active: number;
  readonly parameter: number | null;
}

/** The signatures of the call around the cursor; null outside of calls and on their names. */
export function signatureHelp(program: PolicyProgram, file: string, offset: number): SignatureHelp | null {
  const cursor = cursorAt(program, file, offset);
  const call = cursor?.around.at(-1);
  if (!cursor || !call) return null;
  const at = call.items.length - 2;
  if (at < 0) return null;
  const signatures = signaturesOf(cursor, call.items[0]);
  if (signatures.length === 0) return null;
  const active = Math.max(
    0,
    signatures.findIndex(({ parameters }) => at < parameters.length),
  );
  const signature = signatures[active] as Signature;
  return { signatures, active, parameter: parameterAt(signature, at) };
}

/** A repeatable last parameter takes all further arguments. */
function parameterAt({ label, parameters }: Signature, at: number): number | null {
  if (at < parameters.length) return at;
  return /…[^A-Za-z]*$/.test(label) ? parameters.length - 1 : null;
}

function signaturesOf({ analysis }: Cursor, head: Cursor['node'] | undefined): readonly Signature[] {
  if (head?.kind === 'operator') return builtinSignatures(OPERATORS.get(head.operator) ?? '');
  if (head?.kind !== 'symbol') return [];
  const own = analysis.functionsNamed(head.name);
  if (own.length > 0) {
    return own.flatMap((definition) =>
      read(`(${[definition.name, ...definition.parameters].join(' ')})`, commentOf(analysis, definition) ?? ''),
    );
  }
  const [, attribute] = head.name.split('.', 2);
  if (attribute === undefined) return builtinSignatures(spanText(head.span) === '{' ? '' : head.name);
  const method = METHODS.get(attribute);
  return method ? read(method.signature, method.doc) : [];
}

function builtinSignatures(name: string): readonly Signature[] {
  const builtin = BUILTINS.get(name) ?? FUNCTION_VALUES.get(name);
  return builtin ? read(builtin.signature, builtin.doc) : [];
}

/** Parses a signature of the tables: `(sum LIST NAME BODY) (sum LIST)` are two. */
function read(text: string, doc: string): readonly Signature[] {
  const signatures: Signature[] = [];
  let depth = 0;
  let start = 0;
  let words: [number, number][] = [];
  let word = -1;
  const end = (at: number): void => {
    if (word >= 0) words.push([word - start, at - start]);
    word = -1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const opens = character === '(' || character === '{';
    const closes = character === ')' || character === '}';
    if (closes) depth -= 1;
    if (depth === 0 && opens) [start, words] = [at, []];
    else if (depth === 0 && closes) {
      end(at);
      // The first word is the name; an ellipsis belongs to the word before it.
      const label = text.slice(start, at + 1);
      signatures.push({ label, doc, parameters: words.slice(1).filter(([from, to]) => label.slice(from, to) !== '…') });
    } else if (depth === 1 && character === ' ') end(at);
    else if (depth === 1 && word < 0) word = at;
    if (opens) depth += 1;
  }
  return signatures;
}
