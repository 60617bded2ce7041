import type { Fault } from './diagnostics.ts';

/**
 * Every message that the policy language can give, in one place: text, form, names, values, bounds.
 * A code never changes its meaning; messages may be reworded.
 */
const fault = <Code extends string>(code: Code, message: string, hint: string | null = null) => ({ code, message, hint });

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
/** A name that does not exist: with one that is spelt alike, or else a hint. */
function unknown<Code extends string>(code: Code, what: string, name: string, near: string | null, hint: string | null = null) {
  const message = `unknown ${what} ${quoted(name)}`;
  return near === null ? fault(code, message, hint) : fault(code, `${message}; did you mean ${quoted(near)}?`);
}

function argumentCount(min: number, max: number): string {
  if (min === max) return min === 0 ? 'no arguments' : times(min, 'argument');
  if (max === Infinity) return `at least ${times(min, 'argument')}`;
  return `${min} to ${max} arguments`;
}

const TEXT = {
  sourceTooLong: (length: number, limit: number) =>
    fault('source-too-long', `the file has ${length} characters; a policy may have ${limit}`, 'is this a policy file?'),
  notText: () => fault('not-text', 'the file is not text: it holds a zero byte here', 'is this a policy file?'),
  strayCharacter: (text: string) =>
    fault(
      'stray-character',
      `${quoted(text)} has no meaning here`,
      text.startsWith(';') ? 'a comment begins with #' : text.startsWith('=') ? 'equality is ==, and (defvar NAME VALUE) gives a name a value' : null,
    ),
  badNumber: (text: string) =>
    fault(
      'bad-number',
      `${quoted(text)} is not a number`,
      /^-?0[0-9]+$/.test(text) ? `a decimal number has no leading zero; octal is written ${text.replace(/^(-?)0+/, '$10o')}` : null,
    ),
  badOctal: (text: string) => fault('bad-number', `${quoted(text)} is not a number`, 'octal digits are 0 to 7'),
  numberTooLong: (length: number, limit: number) =>
    fault('number-too-long', `this number has ${length} characters; a number may have ${limit}`),
  unclosedText: (quote: string) =>
    fault('unclosed-text', `this text never ends: a closing ${quote} is missing`, `\\${quote} does not end a text`),
  unclosed: (open: string, close: string, suspect: number | null) =>
    fault(
      'unclosed-bracket',
      `this ${open} is never closed`,
      suspect === null ? `a ${close} is missing` : `a ${close} is probably missing before line ${suspect}, where the next form begins`,
    ),
  mismatched: (close: string, open: string, want: string, line: number) =>
    fault('mismatched-bracket', `${close} does not close the ${open} of line ${line}`, `${want} does`),
  strayClose: (close: string) => fault('stray-bracket', `this ${close} closes nothing`, null),
  nestedTooDeep: (limit: number) => fault('nested-too-deep', `more than ${limit} brackets inside brackets`, 'move inner parts into functions with (def NAME (…) …)'),
  moreErrors: (count: number) => fault('more-errors', `${times(count, 'more error')} not shown`),
};

const FORM = {
  emptyList: () => fault('empty-list', 'empty brackets have no value', 'nil is the value that means nothing'),
  operatorAlone: (operator: string) =>
    fault('operator-alone', `${quoted(operator)} is not a value`, `an operator comes first in brackets: (${operator} A B)`),
  notCallable: (what: string) =>
    fault('not-a-name', `brackets begin with the name of what to call, not with ${what}`, '{ … } evaluates several expressions in order'),
  nameWanted: (form: string, what: string) => fault('name-wanted', `${form} needs a name here, not ${what}`),
  parametersWanted: (name: string, what: string) =>
    fault('bad-parameters', `the parameters of ${quoted(name)} are names in brackets, not ${what}`, '(def NAME (FIRST SECOND) BODY)'),
  bindingsWanted: (what: string) => fault('bad-let', `let takes a list of (NAME VALUE) pairs, not ${what}`, '(let ((a 1) (b 2)) BODY)'),
  bindingWanted: (what: string) => fault('bad-let', `a binding of let is (NAME VALUE), not ${what}`, '(let ((a 1) (b 2)) BODY)'),
  arity: (name: string, min: number, max: number, given: number, signature: string | null) =>
    fault('wrong-arity', `${quoted(name)} takes ${argumentCount(min, max)}; ${given} given`, signature),
};

const COUNTS = {
  tooManyArguments: (count: number, limit: number) => fault('too-many-arguments', `${count} arguments, parameters or bindings; ${limit} are the most`),
};

const NAMES = {
  unknownName: (name: string, near: string | null, isFunction: boolean) =>
    isFunction
      ? unknown('unknown-name', 'name', name, null, `a function is no value: call it, (${name} …)`)
      : unknown('unknown-name', 'name', name, near),
  bareField: (name: string, owner: string) =>
    unknown('unknown-name', 'name', name, null, `the field is ${owner}.${name}; Stat and StatAvg take it in quotes`),
  unknownFunction: (name: string, near: string | null) => unknown('unknown-function', 'function', name, near),
  hiddenFunction: (head: string, name: string) =>
    fault('hidden-function', `this ${head} is never called: ${quoted(name)} is a function of the language, which comes first`, 'choose another name'),
  unknownField: (name: string, near: string | null, owner: string) =>
    unknown('unknown-field', 'field', name, near, `${owner} has no such field`),
  fieldOfOther: (name: string, owner: string, other: string) =>
    fault('unknown-field', `unknown field ${quoted(name)}`, `${owner} has no such field; ${other} has`),
  unknownMethod: (name: string, near: string | null) => unknown('unknown-method', 'method', name, near, 'an entity has no such method'),
  fieldIsNoMethod: (name: string, owner: string) =>
    fault('unknown-method', `${quoted(name)} is a field, not a method`, `write ${owner}.${name} without brackets`),
  unknownControl: (name: string, near: string | null, owner: string) =>
    unknown('unknown-control', 'control', name, near, `no controller has such a control of ${owner}`),
  unknownProp: (name: string, near: string | null, known: readonly string[]) =>
    unknown('unknown-prop', 'property', name, near, known.length > 0 ? `known are ${known.join(', ')}` : null),
  notSettable: (name: string, near: string | null) =>
    unknown('unknown-name', 'name', name, near, `set changes a variable that is there; (defvar ${name} VALUE) makes one`),
  noAttribute: (name: string, root: string, attribute: string, what: string) =>
    fault('no-attribute', `unknown name ${quoted(name)}`, `${root} is ${what}, which has no ${quoted(attribute)} now`),
  capturedArgument: (parameter: string, callee: string) =>
    fault(
      'argument-order',
      `MOM would read ${quoted(parameter)} here as the parameter of ${quoted(callee)}, which it has bound already`,
      `Ballast evaluates arguments before it binds parameters: here it is the caller's ${quoted(parameter)}`,
    ),
};

const VALUES = {
  operands: (operator: string, wants: string, got: string, hint: string | null) =>
    fault('wrong-type', `${operator} takes ${wants}, not ${got}`, hint),
  divisionByZero: () => fault('division-by-zero', 'division by zero', 'test the divisor first: (if (!= b 0) (/ a b) 0)'),
  negativeShift: () => fault('negative-shift', 'a shift by a negative count', '<< and >> shift the other way'),
  tooLarge: () => fault('number-too-large', 'the result is too large for a number'),
  notIterable: (what: string) => fault('not-a-list', `with goes through a list or a text, not ${what}`),
  notAFunction: (name: string, what: string) =>
    fault('not-a-function', `${quoted(name)} is a variable here (${what}) and cannot be called`, 'a variable hides a function of the same name'),
  methodArity: (name: string, min: number, max: number, given: number, signature: string) =>
    fault('wrong-arity', `${quoted(name)} takes ${argumentCount(min, max)}; ${given} given`, signature),
  noSamples: (name: string, owner: string) => fault('no-samples', `no sample of ${owner} has been taken yet, so there is no ${quoted(name)}`),
  noNumber: (name: string, what: string) => fault('wrong-type', `the mean of ${quoted(name)} needs numbers, not ${what}`),
  textWanted: (method: string, what: string) => fault('wrong-type', `${method} takes a name in quotes, not ${what}`, `${method} "NAME"`),
  notStorable: (method: string, what: string) =>
    fault('not-storable', `${method} takes numbers, texts, nil and lists of them, not ${what}`),
  controlType: (name: string, type: string, what: string) => fault('control-type', `control ${quoted(name)} takes a ${type}, not ${what}`),
  controlRange: (name: string, range: string, value: number) =>
    fault('control-range', `${value} is outside of what ${quoted(name)} takes: ${range}`),
};

const BOUNDS = {
  steps: (limit: number) => fault('too-many-steps', `more than ${limit} steps`, 'is there a recursion that never ends?'),
  time: (limit: number) => fault('too-slow', `this file has run for ${limit} ms`, 'is there a recursion that never ends?'),
  calls: (limit: number) => fault('calls-too-deep', `more than ${limit} calls inside calls`, 'is there a recursion that never ends?'),
  textLength: (limit: number) => fault('text-too-long', `a text of more than ${limit} characters`),
  listLength: (limit: number) => fault('list-too-long', `a list of more than ${limit} values`),
  listDepth: (limit: number) => fault('list-too-deep', `more than ${limit} lists inside lists`),
  storedSize: (what: string, limit: number) => fault('value-too-large', `${what} holds more than ${limit} values and characters`),
  variables: (limit: number) => fault('too-many-variables', `SetVar keeps at most ${limit} variables of one entity`),
};

export const catalogue = { ...TEXT, ...FORM, ...COUNTS, ...NAMES, ...VALUES, ...BOUNDS };

/** Every code that a diagnostic can have. */
export type FaultCode = ReturnType<(typeof catalogue)[keyof typeof catalogue]>['code'];

/** Raised inside an evaluation, and always caught there. Not an `Error`: it needs no stack, the policy's position is what counts. */
export class PolicyFailure {
  readonly fault: Fault;
  /** Index into the program's sites. */
  readonly site: number;
  /** The bound of the whole file is used up: no guest's `with` body may swallow it. */
  readonly endsFile: boolean;

  constructor(fault: Fault, site: number, endsFile = false) {
    this.fault = fault;
    this.site = site;
    this.endsFile = endsFile;
  }
}
