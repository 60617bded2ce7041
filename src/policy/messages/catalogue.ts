// Long because it is a single table: every message of the policy language, and the meaning of each warning.

import { DISKS_FIELD } from '../../model/disk-tuning.ts';
import { LABEL_FORM } from '../../model/labels.ts';
import { NODES_FIELD } from '../../model/numa-nodes.ts';
import { FOREIGN_FUNCTIONS, OTHER_FORMATS } from './foreign.ts';
import type { StrayUnit } from '../text/meant-unit.ts';
import { LITERAL_UNITS } from '../text/quantity.ts';
import { type Advice, fault, listed, quoted, times, unknown, guestLoop, strayHint, argumentCount } from './wording.ts';

/** Fields that policies see as lists. */
const LISTS: ReadonlySet<string> = new Set([DISKS_FIELD, NODES_FIELD]);

// The messages: text, forms, parameters, names, values, bounds, types. Codes never change their meaning; messages may be reworded.

const TEXT = {
  sourceTooLong: (length: number, limit: number) =>
    fault('source-too-long', `the file has ${length} characters; the limit is ${limit}`, 'is this a policy file?'),
  formattedTooLong: (length: number, limit: number) =>
    fault(
      'source-too-long',
      `the formatted file would have ${length} characters; the limit is ${limit}`,
      'split it into several files',
    ),
  sourceTooLarge: (bytes: number, limit: number) =>
    fault('source-too-long', `the file has ${bytes} bytes; the limit is ${limit} characters`, 'is this a policy file?'),
  utf16: () => fault('not-text', 'the file is UTF-16 text; a policy is UTF-8 text', 'save it as UTF-8'),
  notUtf8: (byte: number) =>
    fault(
      'not-text',
      `the file is not valid UTF-8: unexpected byte 0x${byte.toString(16).padStart(2, '0').toUpperCase()}`,
      'save it as UTF-8',
    ),
  otherFormat: (format: keyof typeof OTHER_FORMATS) =>
    fault(
      'not-a-policy',
      `this is ${OTHER_FORMATS[format].name}, not a policy`,
      OTHER_FORMATS[format].hint ?? 'a policy is made of expressions in brackets: (if (< Host.mem_free 1GiB) … …)',
    ),
  notText: () => fault('not-text', 'the file is not text: it contains a zero byte', 'is this a policy file?'),
  strayCharacter: (text: string) =>
    fault(
      'stray-character',
      `${quoted(text)} has no meaning here`,
      strayHint(text),
      /^(?:;+|\/\/)$/.test(text) ? { wrong: text, right: '#' } : text === '=' ? { wrong: text, right: '==' } : null,
    ),
  badNumber: (text: string) =>
    fault(
      'bad-number',
      `${quoted(text)} is not a number`,
      /^-?0[0-9]+$/.test(text)
        ? `a decimal number has no leading zero; octal is written ${text.replace(/^(-?)0+/, '$10o')}`
        : null,
      /^0[0-7]+$/.test(text) ? { wrong: text, right: text.replace(/^0+/, '0o') } : null,
    ),
  badOctal: (text: string) => fault('bad-number', `${quoted(text)} is not a number`, 'octal digits are 0 to 7'),
  numberTooLong: (length: number, limit: number) =>
    fault('number-too-long', `this number has ${length} characters; the limit is ${limit}`),
  /** @param word the word after the quote */
  unclosedText: (quote: string, word: string, isApostrophe: boolean) =>
    fault(
      'unclosed-text',
      `unterminated text: a closing ${quote} is missing`,
      isApostrophe
        ? `a text that contains ' is written in "…"`
        : word === ''
          ? `put it where the text ends; \\${quote} does not end a text`
          : `put it where the text ends, such as ${quote}${word}${quote}`,
    ),
  unopenedText: (quote: string, word: string) =>
    fault('unclosed-text', `unterminated text: an opening ${quote} is missing`, `write ${quote}${word}${quote}`),
  unclosed: (open: string, close: string, suspect: number | null) =>
    fault(
      'unclosed-bracket',
      `this ${open} is never closed`,
      suspect === null
        ? `a ${close} is missing`
        : `a ${close} is probably missing before line ${suspect}, where the next form begins`,
    ),
  mismatched: (close: string, open: string, want: string, line: number) =>
    fault('mismatched-bracket', `${close} does not match the ${open} on line ${line}`, `expected ${want}`),
  strayClose: (close: string) =>
    fault(
      'stray-bracket',
      `unmatched ${close}`,
      'every bracket before it is closed: remove it, or an opening one is missing',
    ),
  nestedTooDeep: (limit: number) =>
    fault(
      'nested-too-deep',
      `brackets are nested more than ${limit} deep`,
      'move inner parts into functions with (def NAME (…) …)',
    ),
  moreErrors: (count: number) => fault('more-errors', `${times(count, 'more error')} not shown`),
};

const FORM = {
  emptyList: () => fault('empty-list', 'empty brackets have no value', 'write nil for no value'),
  operatorAlone: (operator: string, a = 'A', b = 'B') =>
    fault(
      'operator-alone',
      `${quoted(operator)} is not a value`,
      `an operator comes first in brackets: (${operator} ${a} ${b})`,
    ),
  wordInIf: (word: string) =>
    fault('wrong-arity', `if has no word ${quoted(word)}`, 'remove it: (if CONDITION THEN ELSE)'),
  secondBody: (form: string, one: string, signature: string) =>
    fault(
      'wrong-arity',
      `${form} has one ${one}; this is one too many`,
      `${signature}; several expressions are one in { … }`,
    ),
  elementName: (form: string, list: string) =>
    fault('wrong-arity', `${form} needs a name for each element before this`, `(${form} ${list} NAME BODY)`),
  unequalSign: (a: string, b: string) => fault('operator-alone', '"<>" is no operator', `write (!= ${a} ${b})`),
  comparisonChain: (sign: string, a: string, b: string, c: string) =>
    fault(
      'wrong-arity',
      `${sign} compares two values; this is a third one`,
      `(and (${sign} ${a} ${b}) (${sign} ${b} ${c}))`,
    ),
  uncalledMethod: (name: string, args: string) =>
    fault('wrong-arity', `the method ${quoted(name)} is not called: it has no brackets`, `(${name} ${args})`),
  rateLiteral: (text: string, amount: string, time: string) =>
    fault('operator-alone', `${quoted(text)} is not a number: a unit has no slash`, `write (/ ${amount} ${time})`),
  heldOrder: (name: string, condition: string, duration: string) =>
    fault(
      'wrong-order',
      'held-for takes the name first, then the condition, then the duration',
      `(held-for ${name} ${condition} ${duration})`,
    ),
  firstPart: (form: string, what: string, text: string) =>
    fault('wrong-order', `${what} of ${form} comes first`, `(${form} ${text} BODY …)`),
  listFirst: (form: string, name: string) =>
    fault(
      'wrong-order',
      `the list of ${form} comes before the name of its elements`,
      form === 'hand-out'
        ? `(hand-out BUDGET Guests ${name} …)`
        : `(${form} Guests ${name} ${form === 'fold' ? '…' : 'BODY'})`,
    ),
  notCallable: (what: string) =>
    fault(
      'not-a-name',
      `a call begins with the name of a function, not with ${what}`,
      '{ … } evaluates several expressions in order',
    ),
  nameWanted: (form: string, what: string, hint: string | null = null) =>
    fault('name-wanted', `${form} needs a name here, not ${what}`, hint),
  parametersWanted: (name: string, what: string, single: string | null = null) =>
    fault(
      'bad-parameters',
      `the parameters of ${quoted(name)} must be names in brackets, not ${what}`,
      `(def ${name} (${single ?? 'FIRST SECOND'}) BODY)`,
    ),
  bindingsWanted: (what: string) =>
    fault('bad-let', `let takes a list of (NAME VALUE) pairs, not ${what}`, '(let ((a 1) (b 2)) BODY)'),
  bindingWanted: (what: string) =>
    fault('bad-let', `a let binding must be (NAME VALUE), not ${what}`, '(let ((a 1) (b 2)) BODY)'),
  keywordAlone: (name: string) =>
    fault(
      'keyword-alone',
      `:${name} is not a value`,
      'a keyword names the argument that follows it, in forms that accept keywords',
    ),
  unknownKeyword: (name: string, form: string, known: readonly string[]) =>
    fault(
      'unknown-keyword',
      `${form} does not accept :${name}`,
      known.length > 0 ? `it accepts ${listed(known.map((each) => `:${each}`))}` : null,
    ),
  keywordValue: (name: string) => fault('keyword-value', `:${name} needs a value after it`, null),
  keywordMissing: (form: string, name: string, signature: string) =>
    fault('keyword-value', `${form} needs :${name}`, signature),
  keywordTwice: (name: string) => fault('keyword-twice', `:${name} is given twice`, null),
  afterKeyword: (name: string) =>
    fault('wrong-arity', `nothing can follow :${name} and its value`, 'only one of :last and :over can be given'),
  clauseWanted: (what: string) =>
    fault(
      'bad-cond',
      `a cond clause must be (TEST BODY …), not ${what}`,
      '(cond ((< a 1) "low") ((< a 5) "middle") (else "high"))',
    ),
  testInBrackets: (operator: string) =>
    fault(
      'bad-cond',
      'a cond clause must be (TEST BODY …): put the test in its own brackets',
      `(cond ((${operator} A B) BODY) …)`,
    ),
  elseLast: () =>
    fault('bad-cond', 'the else clause must come last and have a body', '(cond ((< a 1) "low") (else "high"))'),
  caseClause: (what: string) =>
    fault(
      'bad-case',
      `a clause of case must be (VALUE BODY …), not ${what}`,
      '(case mode ("soft" 1) (("hard" "low") 2) (else 0))',
    ),
  caseBody: () => fault('bad-case', 'a clause of case needs a body after its value', '(case mode ("soft" 1) (else 0))'),
  caseElse: () =>
    fault(
      'bad-case',
      'the else clause must come last, after another one, and have a body',
      '(case mode ("soft" 1) (else 0))',
    ),
  caseValue: (what: string) =>
    fault(
      'bad-case',
      `a clause of case begins with a number, a text, a name or a list of these, not ${what}`,
      'for computed values use cond: (cond ((== VALUE …) BODY) …)',
    ),
  repeatedValue: (place: string) =>
    fault('unreachable', 'this is never evaluated', `the clause in ${place} has the same value`),
  paramInside: () => fault('bad-param', 'param is allowed only at the top level of a file', 'use defvar or let here'),
  paramRest: (what: string) =>
    fault(
      'bad-param',
      `after the default, param takes a description, :min and :max, not ${what}`,
      '(param NAME DEFAULT "what it is for" :min A :max B)',
    ),
  literalWanted: (where: string, what: string) =>
    fault('literal-wanted', `${where} must be a literal number or text, not ${what}`, null),
  arity: (name: string, min: number, max: number, given: number, signature: string | null) =>
    fault('wrong-arity', `${quoted(name)} takes ${argumentCount(min, max)}; ${given} given`, signature),
};

const PARAMS = {
  paramTwice: (name: string, place: string) =>
    fault(
      'duplicate-param',
      `the parameter ${quoted(name)} is declared twice`,
      `${place} also declares it: rename one of them`,
    ),
  fixedParam: (name: string, place: string) =>
    fault(
      'fixed-param',
      `${quoted(name)} is already set by the defvar in ${place} and cannot be overridden`,
      'remove the defvar and set it under policy.parameters in the config',
    ),
  choicesWanted: (what: string) =>
    fault('bad-param', `:one-of takes a list of texts, not ${what}`, '(param mode "soft" :one-of ("soft" "hard"))'),
  choicesOfNumber: () => fault('bad-param', 'a number cannot have :one-of', 'give its range with :min and :max'),
  defaultChoice: (byDefault: string, choices: readonly string[]) =>
    fault('bad-param', `the default ${byDefault} is not in :one-of`, `it lists ${choices.join(', ')}`),
  paramChoice: (given: string, choices: readonly string[], close: string | null) =>
    fault(
      'param-value',
      `${quoted(given)} is not a value of it${close === null ? '' : `; did you mean ${quoted(close)}?`}`,
      `it is ${choices.map(quoted).join(', ')}`,
    ),
  textBounds: (keyword: string) => fault('bad-param', `a text parameter cannot have :${keyword}`),
  boundUnit: (keyword: string, bound: string, byDefault: string, right: string | null, other: string | null) =>
    fault(
      'bad-param',
      `:${keyword} is ${bound}, which is not the same kind of value as the default, ${byDefault}`,
      right === null
        ? `write it like the default: ${byDefault}${other === null ? '' : `, or the default as ${other}`}`
        : `write ${right}`,
    ),
  boundsUnit: (byDefault: string, right: string) =>
    fault('bad-param', `the bounds are not the same kind of value as the default, ${byDefault}`, `write ${right}`),
  boundsCrossed: (min: string, max: string) => fault('bad-param', `:min ${min} is greater than :max ${max}`),
  defaultRange: (byDefault: string, range: string) =>
    fault('bad-param', `the default ${byDefault} is outside its own range: ${range}`),
  unknownParam: (name: string, near: string | null, known: readonly string[]) =>
    unknown(
      'unknown-param',
      'parameter',
      name,
      near,
      known.length === 0 ? 'the policies declare none' : `the policies declare ${known.join(', ')}`,
    ),
  paramInQuotes: (name: string) => ({
    ...fault('wrong-type', 'Param takes the name of a parameter in quotes', `(vm.Param ${quoted(name)})`),
    fix: { wrong: name, right: quoted(name) },
  }),
  paramNumber: (given: string, byDefault: string) =>
    fault(
      'param-value',
      `${given.trim() === '' ? quoted(given) : given} is not a valid number`,
      `write it like the default: ${byDefault}`,
    ),
  paramText: (given: string) => fault('param-value', `${given} is a number; expected a text`, `write ${quoted(given)}`),
  paramUnit: (given: string, byDefault: string) =>
    fault(
      'param-value',
      `${given} is not the same kind of value as the default, ${byDefault}`,
      `write it like the default: ${byDefault}`,
    ),
  paramRange: (given: string, range: string, right: string | null) =>
    fault('param-value', `${given} is outside the range: ${range}`, right === null ? null : `write ${right}`),
  paramPlain: (given: string, understood: string, right: readonly string[]) =>
    fault('param-value', `${given} is taken as ${understood}`, `write ${right.join(' or ')}`),
  paramOutside: (place: string, byGuest: boolean) =>
    fault(
      'param-outside',
      `${byGuest ? 'has no effect everywhere' : 'has no effect'}: the policy reads it ${byGuest ? 'also ' : ''}outside of loops over guests (${place}), where only the value for all applies`,
      byGuest ? 'in the policy, move that condition into the loop' : 'in the policy, read it inside of (with Guests …)',
    ),
  paramShare: (given: string, percent: string) =>
    fault('param-value', `${given} would be ${percent}`, `write ${given}% or ${percent}`),
};

const COUNTS = {
  tooManyWays: (head: string) =>
    fault(
      'too-many-ways',
      `a variable has the same name as the form ${head}, and too many forms are nested inside it`,
      'rename the variable',
    ),
  tooManyArguments: (count: number, limit: number) =>
    fault('too-many-arguments', `${count} arguments, parameters or bindings; the limit is ${limit}`),
};

const NAMES = {
  unknownEntity: (name: string, near: string | null, root = name) =>
    unknown('unknown-name', 'name', name, near, guestLoop(root)),
  onlyInside: (name: string) =>
    fault(
      'unknown-name',
      `${quoted(name)} does not exist here: only the form or function that binds it sees it`,
      'define it at the top level: (defvar NAME VALUE)',
    ),
  unknownName: (name: string, near: string | null, isFunction: boolean) =>
    isFunction
      ? unknown('unknown-name', 'name', name, null, `a function is not a value; call it: (${name} …)`)
      : unknown('unknown-name', 'name', name, near),
  unknownUnit: <Code extends 'unknown-name' | 'wrong-arity'>(
    code: Code,
    { number, name, right, isGlued }: StrayUnit,
  ) => {
    if (!isGlued)
      return fault(code, `no space before a unit: ${number}${right}`, null, {
        wrong: `${number} ${name}`,
        right: `${number}${right}`,
      });
    const message = `unknown unit ${quoted(name)}`;
    return right === null
      ? fault(code, message, `the units are ${LITERAL_UNITS.map(({ suffix }) => suffix).join(', ')}`)
      : fault(code, `${message}; did you mean ${quoted(right)}?`, null, {
          wrong: `${number}${name}`,
          right: `${number}${right}`,
        });
  },
  bareBuiltin: (name: string) =>
    unknown('unknown-name', 'name', name, null, `a call begins with a bracket before the name: (${name} …)`),
  truthName: (name: string, right: '1' | '0') => ({
    ...unknown('unknown-name', 'name', name, null, 'write 1 for true and 0 for false'),
    fix: { wrong: name, right },
  }),
  joinedNames: (name: string, parts: readonly string[]) =>
    unknown('unknown-name', 'name', name, null, `names may contain -; for a difference write (- ${parts.join(' ')})`),
  unquotedLabel: (name: string) => ({
    ...unknown('unknown-name', 'name', name, null, `put the label in quotes: (tagged GUEST ${quoted(name)})`),
    fix: { wrong: name, right: quoted(name) },
  }),
  bareField: (name: string, owner: string) => ({
    ...unknown('unknown-name', 'name', name, null, `the field is ${owner}.${name}; Stat and StatAvg take it in quotes`),
    ...(owner === 'Host' && { fix: { wrong: name, right: `Host.${name}` } }),
  }),
  bareControl: (name: string, owner: string) =>
    unknown(
      'unknown-name',
      'name',
      name,
      null,
      `put the control name in quotes: (${owner}.Control ${quoted(name)} VALUE)`,
    ),
  /** @param what the kind of name: a field */
  unquoted: (name: string, what: string, method: string) => ({
    ...unknown(
      'unknown-name',
      'name',
      name,
      null,
      `put the ${what} name in quotes: (${method} ${quoted(name)}${what === 'control' ? ' VALUE' : ''})`,
    ),
    fix: { wrong: name, right: quoted(name) },
  }),
  bareMethod: (name: string) =>
    fault(
      'bare-method',
      `the method ${quoted(name)} is not called: it has no brackets`,
      `put brackets around it: (${name} …)`,
    ),
  unknownFunction: (name: string, near: string | null) => {
    const instead = FOREIGN_FUNCTIONS.get(name) ?? null;
    return unknown('unknown-function', 'function', name, instead === null ? near : null, instead);
  },
  methodOfNobody: (name: string) =>
    unknown(
      'unknown-function',
      'function',
      name,
      null,
      `it is a method of a guest or the host: (vm.${name} …) or (Host.${name} …)`,
    ),
  hiddenFunction: (head: string, name: string) =>
    fault(
      'hidden-function',
      `this ${head} is never called: the built-in function ${quoted(name)} takes precedence`,
      'choose another name',
    ),
  unknownField: (name: string, near: string | null, owner: string) =>
    unknown('unknown-field', 'field', name, near, `${owner} has no such field`),
  propIsNoField: (name: string, owner: string) =>
    unknown('unknown-field', 'field', name, null, `${quoted(name)} is a property: (${owner}.Prop ${quoted(name)})`),
  labelsAreNoField: (name: string, owner: string) =>
    unknown('unknown-field', 'field', name, null, `to test for a label: (tagged ${owner} "LABEL")`),
  fieldOfOther: (name: string, owner: string, other: string) =>
    fault('unknown-field', `unknown field ${quoted(name)}`, `it is a field of ${other}, not of ${owner}`),
  methodOfNothing: (name: string, root: string) => unknown('unknown-function', 'function', name, null, guestLoop(root)),
  unknownMethod: (name: string, near: string | null) =>
    unknown('unknown-method', 'method', name, near, 'an entity has no such method'),
  fieldIsNoMethod: (name: string, owner: string) =>
    fault('unknown-method', `${quoted(name)} is a field, not a method`, `write ${owner}.${name} without brackets`),
  /** A control that is set as if it were a variable or a method. */
  controlIsSet: (name: string, owner: string) =>
    fault(
      'unknown-control',
      `${quoted(name)} is a control, and a control is set with Control`,
      `(${owner}.Control ${quoted(name)} VALUE)`,
    ),
  fieldOfList: (list: string, field: string) =>
    fault(
      'unknown-field',
      `${list} is the list of all guests, and a list has no field ${quoted(field)}`,
      `the field of each guest: (map ${list} vm vm.${field})`,
    ),
  differenceInField: (name: string, number: string) =>
    fault('unknown-method', `${quoted(name)} is a field, not a method`, `for a difference write (- ${name} ${number})`),
  controlOfOther: (name: string, owner: string, other: string, text: string) =>
    fault(
      'unknown-control',
      `unknown control ${quoted(name)}`,
      `it is a control of ${other}, not of ${owner}: (${text}.Control ${quoted(name)} VALUE)`,
    ),
  /** @param cure what to do in place of it */
  onlyInMom: (what: string, name: string, cure: string) =>
    fault('only-in-mom', `this configuration has no ${what} ${quoted(name)}`, cure),
  renamedSince: (what: string, name: string, right: string) => ({
    ...fault('only-in-mom', `the ${what} ${quoted(name)} of old versions of MOM is called ${quoted(right)}`, null),
    fix: { wrong: name, right },
  }),
  unknownControl: (name: string, near: string | null, owner: string) =>
    unknown('unknown-control', 'control', name, near, `no controller provides it for ${owner}`),
  balloonMeant: (name: string) => ({
    ...unknown('unknown-control', 'control', name, null, 'the memory of a guest is set with "balloon_target"'),
    fix: { wrong: name, right: 'balloon_target' },
  }),
  unknownProp: (name: string, near: string | null, known: readonly string[]) =>
    unknown('unknown-prop', 'property', name, near, known.length > 0 ? `known properties: ${someOf(known)}` : null),
  notSettable: (name: string, near: string | null) =>
    unknown(
      'unknown-name',
      'name',
      name,
      near,
      `set changes an existing variable; create one with (defvar ${name} VALUE)`,
    ),
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
  notWhole: (operator: string, wants: string, got: string) =>
    fault('not-whole', `${operator} takes ${wants}, not ${got}`, 'use floor, ceil or round'),
  divisionByZero: () =>
    fault('division-by-zero', 'division by zero', 'test the divisor first: (if (!= b 0) (/ a b) 0)'),
  modZero: () => fault('division-by-zero', 'mod by zero', 'test the divisor first: (if (!= b 0) (mod a b) 0)'),
  badPattern: (pattern: string, problem: string) =>
    fault(
      'bad-pattern',
      `${quoted(pattern)} is not a pattern: ${problem}`,
      'patterns use RE2 syntax: web-[0-9]+ or ^db',
    ),
  patternTooLong: (limit: number) => fault('bad-pattern', `the pattern is longer than ${limit} characters`),
  badPlaceholder: (text: string, known: readonly string[]) =>
    fault('bad-format', `unknown placeholder ${quoted(text)} in format`, `the placeholders are ${known.join(' ')}`),
  /** @param printf a placeholder of other languages in the text */
  placeholders: (wanted: number, given: number, printf: string | null) =>
    fault(
      'bad-format',
      `the text has ${times(wanted, 'placeholder')}; ${given} given`,
      printf === null ? 'a placeholder is {}' : `write {} in place of ${printf}`,
    ),
  plainDuration: (given: number, seconds: number) =>
    fault(
      'plain-duration',
      `${given} without a unit is ${given} seconds`,
      `for ${seconds} seconds write ${seconds}s; for ${given} seconds write ${given}s`,
    ),
  quotedDuration: (form: string, text: string) =>
    fault('wrong-type', `${form} takes a duration, not the text ${quoted(text)}`, `write ${text} without the quotes`),
  badDuration: (form: string, what: string) =>
    fault('wrong-type', `${form} takes a duration, not ${what}`, 'such as 30s or 5min; a plain number is seconds'),
  hysteresisBounds: (low: string, high: string) =>
    fault(
      'bad-bounds',
      `hysteresis takes a :down that is not above its :up, not ${low} and ${high}`,
      '(hysteresis "NAME" VALUE :down LOW :up HIGH)',
    ),
  reasonWanted: (what: string) =>
    fault(
      'wrong-type',
      `because takes a text that says why, not ${what}`,
      '(because "the host is short of memory" BODY)',
    ),
  guestWanted: (form: string, what: string) => fault('wrong-type', `${form} takes a guest or Host, not ${what}`),
  guestFirst: (guest: string, label: string) =>
    fault('wrong-order', 'the guest comes before the label', `(tagged ${guest} ${label})`),
  negativeShift: () => fault('negative-shift', 'negative shift count', 'use the opposite shift operator'),
  tooLarge: () => fault('number-too-large', 'the result is too large for a number'),
  notIterable: (what: string, form = 'with') =>
    fault('not-a-list', `${form} iterates over a list or a text, not ${what}`),
  notAFunction: (name: string, what: string) =>
    fault(
      'not-a-function',
      `${quoted(name)} is a variable here (${what}) and cannot be called`,
      'a variable hides a function of the same name',
    ),
  methodArity: (name: string, min: number, max: number, given: number, signature: string) =>
    fault('wrong-arity', `${quoted(name)} takes ${argumentCount(min, max)}; ${given} given`, signature),
  windowWanted: (method: string, given: string, isTime: boolean) =>
    fault(
      'wrong-arity',
      `${quoted(method)} takes 1 argument; select the samples with a keyword`,
      isTime ? `for a time write :over ${given}` : `for a number of samples write :last ${given}`,
      { wrong: given, right: `:${isTime ? 'over' : 'last'} ${given}` },
    ),
  noSamples: (name: string, owner: string) =>
    fault('no-samples', `no sample of ${owner} has been taken yet, so there is no ${quoted(name)}`),
  noNumber: (method: string, name: string, what: string) =>
    fault('wrong-type', `${method} of ${quoted(name)} needs numbers, not ${LISTS.has(name) ? 'lists' : what}`),
  badLast: (method: string, what: string) =>
    fault(
      'bad-window',
      `:last of ${method} takes a whole number of samples, 1 or more, not ${what}`,
      `(ENTITY.${method} "FIELD" :last 6) covers the last six samples`,
    ),
  badOver: (method: string, what: string) =>
    fault(
      'bad-window',
      `:over of ${method} takes a duration, 0 s or more, not ${what}`,
      `(ENTITY.${method} "FIELD" :over 30s) covers the last 30 seconds`,
    ),
  fieldInQuotes: (method: string) =>
    fault(
      'wrong-type',
      `${method} takes the name of a field in quotes`,
      'only fields that the policy names are kept over days',
    ),
  shareWanted: (method: string, what: string) =>
    fault('wrong-type', `${method} takes a share, such as 95%, as its second argument, not ${what}`),
  badShare: (method: string, what: string) =>
    fault('bad-bounds', `${method} takes a share from 0% to 100% as its second argument, not ${what}`, 'such as 95%'),
  beyondKept: (method: string, days: number) =>
    fault('bad-window', `:over of ${method} looks back at most ${days}d`, 'nothing older is kept'),
  textWanted: (method: string, what: string) =>
    fault('wrong-type', `${method} takes a name in quotes, not ${what}`, `${method} "NAME"`),
  notStorable: (method: string, what: string) =>
    fault('not-storable', `${method} takes numbers, texts, nil and lists of them, not ${what}`),
  controlType: (name: string, type: string, what: string, unquoted: string | null = null) =>
    fault(
      'control-type',
      `control ${quoted(name)} takes a ${type}, not ${what}`,
      unquoted === null ? null : `write it without the quotes: ${unquoted}`,
    ),
  controlRange: (name: string, range: string, value: number) =>
    fault('control-range', `${value} is outside the range of ${quoted(name)}: ${range}`),
};

/** The first names of a list that can be long: `_set_property` adds to it. */
const someOf = (names: readonly string[]): string =>
  names
    .slice(0, 40)
    .map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name))
    .join(', ') + (names.length > 40 ? ', …' : '');

const BOUNDS = {
  steps: (limit: number) => fault('too-many-steps', `more than ${limit} steps`, 'check for infinite recursion'),
  time: (limit: number) => fault('too-slow', `this file has run for ${limit} ms`, 'check for infinite recursion'),
  calls: (limit: number) =>
    fault('calls-too-deep', `calls are nested more than ${limit} deep`, 'check for infinite recursion'),
  textLength: (limit: number) => fault('text-too-long', `text longer than ${limit} characters`),
  listLength: (limit: number) => fault('list-too-long', `list longer than ${limit} values`),
  listDepth: (limit: number) => fault('list-too-deep', `lists are nested more than ${limit} deep`),
  storedSize: (what: string, limit: number) =>
    fault('value-too-large', `${what} holds more than ${limit} values and characters`),
  memory: (limit: number) =>
    fault(
      'too-much-memory',
      `the policies use more than ${limit >> 20} MiB in one evaluation`,
      'check for lists and texts that grow in a loop',
    ),
  output: (limit: number) =>
    fault(
      'too-much-output',
      `debug, Control and errors of one evaluation give more than ${limit} characters`,
      'check for them in a loop, and for long texts',
    ),
  keptSize: (limit: number) =>
    fault(
      'too-much-kept',
      `all variables and timers together hold more than ${limit} values and characters`,
      'store less with SetVar',
    ),
  patternTooMuch: (size: number, length: number) =>
    fault(
      'bad-pattern',
      `the pattern has ${size} parts, too many to search ${length} characters`,
      'shorten the text, or use starts-with',
    ),
  patternTooLarge: (size: number, limit: number) =>
    fault('bad-pattern', `the pattern has ${size} parts when its repetitions are written out; the limit is ${limit}`),
  variables: (limit: number) => fault('too-many-variables', `SetVar keeps at most ${limit} variables per entity`),
  timers: (limit: number) =>
    fault('too-many-timers', `held-for, every, cooldown, hysteresis and mark keep at most ${limit} timers per entity`),
};

/** A unit, followed by its operand. */
const unitOf = (unit: string, text: string): string => (text === 'X' ? unit : `${unit} (${text})`);

const TYPES = {
  mixedType: (operator: string, wants: string, got: string) =>
    fault(
      'mixed-type',
      `${operator} takes ${wants}; this may be something else: ${got}`,
      'use a separate variable for each kind of value',
    ),
  maybeNil: (text: string, operator: string, name: string | null) =>
    fault(
      'maybe-nil',
      `${text === 'X' ? 'this' : text} may be nil, and ${operator} does not accept nil`,
      name === null
        ? 'store it in a variable and test that: (let ((x …)) (if (valid x) … …))'
        : `test it first: (if (valid ${name}) … …)`,
    ),
  nilInLogic: (text: string, operator: string, logic: string) =>
    fault(
      'maybe-nil',
      `${text === 'X' ? 'this' : text} may be nil here, and ${operator} does not accept nil`,
      `${logic} does not skip arguments that have side effects: use if`,
    ),
  nilEntity: (root: string, attribute: string) =>
    fault(
      'maybe-nil',
      `${root} may be nil, which has no ${quoted(attribute)}`,
      `test it first: (if (valid ${root}) … …)`,
    ),
  unitMismatch: (
    operator: string,
    verb: string,
    [unitA, textA]: readonly [string, string],
    [unitB, textB]: readonly [string, string],
    advice: Advice | null,
  ) =>
    fault(
      'unit-mismatch',
      `${operator} cannot ${verb} ${unitOf(unitA, textA)} and ${unitOf(unitB, textB)}`,
      advice?.hint ?? 'convert both to the same unit first',
      advice?.fix,
    ),
  samplesWanted: (method: string, unit: string, text: string) =>
    fault(
      'unit-mismatch',
      `:last of ${method} takes a number of samples, not ${unitOf(unit, text)}`,
      unit === 's' ? `for a time write :over${text === 'X' ? '' : ` ${text}`}` : null,
    ),
  wrongUnit: (what: string, wanted: string, unit: string, text: string, advice: Advice | null) =>
    fault('unit-mismatch', `${what} takes ${wanted}, not ${unitOf(unit, text)}`, advice?.hint, advice?.fix),
  usedEarly: (what: 'function' | 'variable', name: string, place: string, caller: string | null) =>
    fault(
      'used-early',
      `the ${what} ${quoted(name)}${caller === null ? '' : `, which ${quoted(caller)} uses,`} is not defined until ${place}`,
      'policies are evaluated from top to bottom, in file order: move this after the definition',
    ),
  beyondShare: (text: string, bound: number, boundText: string) =>
    fault(
      'beyond-share',
      `${text === 'X' ? 'a share is' : `${text} is a share from`} 0 to 1 and never reaches ${bound}`,
      bound > 100
        ? null
        : `for ${bound} percent write ${bound}%${boundText === String(bound) ? '' : `, where ${boundText} is set`}`,
      bound <= 100 && boundText === String(bound) ? { wrong: boundText, right: `${boundText}%` } : null,
    ),
  neverEqual: (operator: string, hint: string | null) =>
    fault(
      'never-equal',
      `${operator === '!=' || operator === 'neq' ? 'these always differ' : 'these are never equal'}: they are of different kinds`,
      hint ?? 'texts need quotes, numbers do not',
    ),
  constantCondition: (always: boolean, why: string | null, dead: string | null) =>
    fault('constant-condition', `this is always ${always}${why === null ? '' : `: ${why}`}`, dead),
  unreachable: (why: string) => fault('unreachable', 'this is never evaluated', why),
  unusedName: (what: string, name: string) =>
    fault('unused-name', `the ${what} ${quoted(name)} is never read`, `remove it or rename it to _${name}`),
  unusedValue: () =>
    fault(
      'unused-value',
      'the value of this body is not used; only that of the last body is',
      'to combine conditions write (and … …)',
    ),
  unusedFunction: (name: string) =>
    fault('unused-function', `the function ${quoted(name)} is never called`, `remove it or rename it to _${name}`),
  hidesGlobal: (name: string, callee: string, what: string) =>
    fault(
      'hides-global',
      `the parameter ${quoted(name)} of ${quoted(callee)} hides ${what}`,
      'scoping is dynamic: functions it calls see the parameter too; choose another name',
    ),
  alwaysActs: (operator: string, condition: string) =>
    fault(
      'always-acts',
      `${operator} evaluates this whatever is before it, because it has side effects`,
      operator === 'and'
        ? `to act only on a condition: (if ${condition} … nil)`
        : `to act only if the condition is false: (if ${condition} nil …)`,
    ),
  argumentActs: (callee: string, parameter: string) =>
    fault(
      'always-acts',
      `this acts before ${quoted(callee)} is called, whatever ${quoted(callee)} does with ${quoted(parameter)}`,
      'a function receives values, not actions: use if, or put the action into the function',
    ),
  orReplacesZero: (text: string) =>
    fault(
      'or-zero',
      `or also replaces ${text === 'X' ? 'a value of' : `${text} when it is`} 0, which is a value`,
      '`default` replaces only nil: (default A B)',
    ),
  nameOfFunction: (what: string, name: string) =>
    fault(
      'name-of-function',
      `the ${what} ${quoted(name)} has the name of a function: while it has a value, (${name} …) is an error`,
      'choose another name for one of them',
    ),
  hidesPredefined: (name: string) =>
    fault(
      'hides-global',
      `this variable hides ${name} of the language`,
      'functions that are called inside see it too; choose another name',
    ),
  hidesVariable: (name: string, place: string) =>
    fault(
      'hides-variable',
      `in this loop ${quoted(name)} is each element in turn, not the variable of ${place}`,
      'choose another name for one of them',
    ),
  valueCalled: (name: string) =>
    fault(
      'not-a-function',
      `${quoted(name)} is a variable, and its value is no function`,
      `its value is ${name}, without brackets`,
    ),
  endless: (name: string) =>
    fault(
      'endless',
      `${quoted(name)} calls itself whenever it is called: the evaluation ends with an error`,
      `call it under a condition: (if CONDITION (${name} …) VALUE)`,
    ),
  lostValue: (name: string, place: string) =>
    fault(
      'hides-variable',
      `this ${quoted(name)} lasts for one iteration: that of ${place} keeps its value`,
      `to change it: (set ${name} VALUE)`,
    ),
  neverBoth: (before: string, after: string) =>
    fault(
      'never-true',
      `this is never true together with ${before}`,
      `if one of the two is enough, as for hours across midnight: (or ${before} ${after})`,
    ),
  neverALabel: (text: string) =>
    fault('never-true', `no guest has the label ${quoted(text)}`, `a label is ${LABEL_FORM}`),
  swappedTexts: (form: string, first: string, second: string) =>
    fault('swapped-texts', `the text comes first, then what ${form} looks for in it`, `(${form} ${second} ${first})`),
  labelsCompared: (guest: string, label: string) =>
    fault(
      'compared-labels',
      'this is a text of all labels: it is equal only for a guest that has no other label',
      `(tagged ${guest} ${quoted(label)})`,
    ),
  neverCompared: (given: string, texts: readonly string[]) =>
    fault(
      'suspicious-param',
      `the policy has no use for ${quoted(given)}: it compares this parameter only with ${texts.map(quoted).join(', ')}`,
      `give one of these, or the default`,
    ),
  noEffect: (name: string, place: string) =>
    fault(
      'no-effect',
      `this defvar has no effect: ${quoted(name)} is already set in ${place}`,
      `defvar never overwrites; to change it: (set ${name} VALUE)`,
    ),
  paceOfHost: (form: string, root: string) =>
    fault(
      'pace-of-host',
      `this ${form} counts for the host, not for the guest that ${quoted(root)} holds: it is outside of a loop over guests`,
      `evaluate it in a loop over that guest: (map (list ${root}) vm (${form} …))`,
    ),
  paramOfHost: (param: string, root: string) =>
    fault(
      'param-of-host',
      `this reads the general value of ${quoted(param)}, not the one of the guest that ${quoted(root)} holds: it is outside of a loop over guests`,
      `(${root}.Param ${quoted(param)}) is that of the guest`,
    ),
  nilRequest: (name: string) =>
    fault('control-value', `nil requests nothing of ${quoted(name)}`, 'leave the Control out, or give it a value'),
  truthRequest: (name: string) =>
    fault(
      'control-value',
      `a truth value for ${quoted(name)}, which takes a number`,
      'write what true and false stand for: (if CONDITION 1 0)',
    ),
  noChoice: (name: string, given: string, choices: readonly string[], close: string | null) =>
    fault(
      'control-value',
      `${quoted(given)} is none of the values of ${quoted(name)}${close === null ? '' : `; did you mean ${quoted(close)}?`}`,
      `they are ${choices.map(quoted).join(', ')}`,
      close === null ? null : { wrong: given, right: close },
    ),
  neverThisText: (text: string, given: string, choices: readonly string[], close: string | null) =>
    fault(
      'never-equal',
      `${text} is never ${quoted(given)}${close === null ? '' : `; did you mean ${quoted(close)}?`}`,
      `it is ${choices.map(quoted).join(', ')}`,
      close === null ? null : { wrong: given, right: close },
    ),
  unitOfPlain: (text: string, literal: string, number: string) =>
    fault('unit-mismatch', `${text} is a plain number, ${literal} is not`, `write ${number}`, {
      wrong: literal,
      right: number,
    }),
  sharedName: (form: string, name: string, place: string) =>
    fault(
      'shared-name',
      form === 'held-for'
        ? `the held-for in ${place} has the same name ${quoted(name)} but a different condition, so they reset each other`
        : `the ${form} in ${place} has the same name ${quoted(name)} but another value or other bounds, so they change each other`,
      'use a different name for each',
    ),
  unknownAllow: (code: string, close: string | null) => {
    const message = `there is no warning ${quoted(code)} to allow`;
    return close === null
      ? fault('unknown-allow', message)
      : fault('unknown-allow', `${message}; did you mean ${quoted(close)}?`, null, { wrong: code, right: close });
  },
  unusedAllow: (code: string) =>
    fault(
      'unused-allow',
      `there is no warning ${quoted(code)} here to allow`,
      'an allow comment goes on the line of the warning or alone on the line above',
    ),
};

export const catalogue = { ...TEXT, ...FORM, ...PARAMS, ...COUNTS, ...NAMES, ...VALUES, ...TYPES, ...BOUNDS };

/** All diagnostic codes. */
export type FaultCode = ReturnType<(typeof catalogue)[keyof typeof catalogue]>['code'];

/** The warning codes, which a comment can allow, with their descriptions for the reference. */
export const WARNINGS = {
  'always-acts': 'An argument of and, or or a function has side effects, which happen whatever the condition is',
  'argument-order': 'MOM would evaluate an argument with the value of a parameter already bound by the same call',
  'bare-method': 'A method is named without brackets and is never called',
  'beyond-share':
    'A share from 0 to 1, such as free memory divided by total memory, is compared with a number out of that range: 20 instead of 20%',
  'constant-condition': 'A condition is always true or always false',
  'control-range': 'A control is set to a value outside its range',
  'control-value': 'A control is set to nil, to a truth value or to a text that it does not know',
  'hidden-function': 'A function is never called because a built-in function has the same name',
  'compared-labels': 'The text of all labels of a guest is compared with one label',
  endless: 'A function calls itself whenever it is called',
  'hides-variable': 'A loop variable has the name of a variable of the policy',
  'hides-global': 'A parameter has the same name as a top-level variable',
  'maybe-nil': 'A value that may be nil is used where nil is not accepted',
  'mixed-type': 'A value may be of several types, and some of them are not accepted here',
  'name-of-function': 'A variable, parameter or loop element has the name of a function',
  'never-true': 'A condition that is never true: bounds that exclude each other, or a label that no guest can have',
  'swapped-texts': 'The text and what starts-with or matches looks for in it are exchanged',
  'never-equal': 'Values of different kinds are compared with == or !=',
  'no-effect': 'A second defvar of a name, which does not change it',
  'or-zero': 'or gives a default for a number, and replaces 0 as well as nil',
  'pace-of-host':
    'An every, cooldown, held-for or hysteresis outside of a loop over guests decides about a control of a guest',
  'param-of-host': 'A control of a guest is set by the general value of a parameter, outside of a loop over guests',
  'plain-duration': 'A duration of 1000 or more has no unit: it is in seconds, and milliseconds may be meant',
  'shared-name': 'Two held-for or hysteresis forms with different conditions share a name and reset each other',
  'unit-mismatch':
    'Numbers with different units are added or compared, or a control is set to a number with the wrong unit',
  'unknown-allow': 'An allow comment names an unknown warning code',
  unreachable: 'A clause follows one that is always taken, or has a value of case that an earlier clause has',
  'used-early':
    'A branch or a loop uses a variable or function that is defined later (an unconditional use is an error)',
  'unused-allow': 'An allow comment matches no warning',
  'unused-function': 'A function is never called',
  'unused-name': 'A variable or parameter is never read',
  'unused-value': 'A body that is not the last of its form has no side effects, so it changes nothing',
} as const satisfies Partial<Record<FaultCode, string>>;
