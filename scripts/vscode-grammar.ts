import { BUILTIN_LIST, type Builtin } from '../src/policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../src/policy/builtins/function-values.ts';
import { METHOD_LIST } from '../src/policy/builtins/methods.ts';
import { LITERAL_UNITS } from '../src/policy/text/quantity.ts';
import { Exponent, Fraction, Hexadecimal, Integer, Keyword, Octal, Operator } from '../src/policy/parser/tokens.ts';

const NAME = '[A-Za-z_][A-Za-z0-9_-]*';
const OPEN = '([(\\[{])\\s*';
const END = '(?![A-Za-z0-9_.-])';

/** Forms highlighted as declarations; other special forms are control flow. */
const DECLARES: ReadonlySet<Builtin['form']> = new Set(['define', 'defvar', 'param']);

const scope = (name: string): string => `${name}.ballast-policy`;
const source = (token: { PATTERN?: unknown }): string => (token.PATTERN as RegExp).source;
const named = (...names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name, at) => (name === '' ? [] : [[at + 1, { name: scope(name) }]])));

/** Longer names first, because a name can be a prefix of another. */
function oneOf(names: readonly string[]): string {
  const sorted = [...names].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return `(${sorted.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`;
}

function heads(fits: (builtin: Builtin) => boolean): string {
  return oneOf(BUILTIN_LIST.filter(fits).map(({ name }) => name));
}

function grammar(): object {
  const open = 'punctuation.section.brackets.begin';
  const numbers = [Hexadecimal, Octal, Exponent, Fraction, Integer].map(source).join('|');
  const comment = { name: scope('comment.line.number-sign'), match: '#.*$' };
  const text = (quote: string, name: string) => ({
    name: scope(`string.quoted.${name}`),
    begin: quote,
    end: quote,
    patterns: [
      { name: scope('constant.character.escape'), match: `\\\\${quote}` },
      { name: scope('constant.other.placeholder'), match: '\\{(?::[a-z0-9.]+)?\\}' },
    ],
  });
  const anything: readonly object[] = [{ include: '$self' }];
  /** A bracketed list with the given start. */
  const list = (begin: string, scopes: readonly string[], patterns: readonly object[] = anything) => ({
    begin,
    beginCaptures: named(...scopes),
    end: '[)\\]}]',
    endCaptures: { 0: { name: scope('punctuation.section.brackets.end') } },
    patterns,
  });
  /** A bracketed list after the start of the enclosing list, on the same line. */
  const next = (...patterns: readonly object[]) => list('\\G\\s*([(\\[{])', [open], [comment, ...patterns]);
  const parameters = next({ name: scope('variable.parameter'), match: NAME });
  const bindings = next(list(`${OPEN}(${NAME})`, [open, 'variable.other.declaration']));
  return {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'Ballast policy',
    scopeName: 'source.ballast-policy',
    fileTypes: ['policy', 'rules'],
    patterns: [
      comment,
      text('"', 'double'),
      text("'", 'single'),
      list(
        `${OPEN}${heads(({ form }) => form === 'define')}\\s+([A-Za-z_][A-Za-z0-9_.-]*)`,
        [open, 'keyword.declaration', 'entity.name.function'],
        [parameters, ...anything],
      ),
      list(`${OPEN}${heads(({ form }) => form === 'defvar' || form === 'param')}\\s+(${NAME})${END}`, [
        open,
        'keyword.declaration',
        'variable.other.declaration',
      ]),
      list(`${OPEN}${heads(({ form }) => DECLARES.has(form))}${END}`, [open, 'keyword.declaration']),
      list(`${OPEN}${heads(({ form }) => form === 'let')}${END}`, [open, 'keyword.control'], [bindings, ...anything]),
      list(
        `${OPEN}(?:${heads(({ form }) => form !== 'plain' && form !== 'let' && !DECLARES.has(form))}|(else))${END}`,
        [open, 'keyword.control', 'keyword.control'],
      ),
      list(
        `${OPEN}${oneOf([...BUILTIN_LIST.filter(({ form }) => form === 'plain').map(({ name }) => name), ...FUNCTION_VALUES.keys()])}${END}`,
        [open, 'support.function'],
      ),
      list(`${OPEN}(?:(Host|Guests)|(${NAME}))(\\.)(?:${oneOf(METHOD_LIST.map(({ name }) => name))}${END}|(${NAME}))`, [
        open,
        'variable.language',
        'variable.other.object',
        'punctuation.accessor',
        'support.function.method',
        'variable.other.property',
      ]),
      list(`${OPEN}(?!(?:Host|Guests|nil)${END})(${NAME})${END}`, [open, 'entity.name.function.call']),
      list('([(\\[{])', [open]),
      {
        match: `(?:\\b(Host|Guests)|\\b(${NAME}))(\\.)(${NAME})`,
        captures: named(
          'variable.language',
          'variable.other.object',
          'punctuation.accessor',
          'variable.other.property',
        ),
      },
      { match: `\\b(?:(nil)|(Host|Guests))${END}`, captures: named('constant.language', 'variable.language') },
      {
        match: `(-?(?:[0-9]*\\.[0-9]+|0|[1-9][0-9]*))(?:${oneOf(LITERAL_UNITS.map(({ suffix }) => suffix).filter((suffix) => suffix !== '%'))}${END}|(%))`,
        captures: named('constant.numeric', 'keyword.other.unit', 'keyword.other.unit'),
      },
      { name: scope('constant.numeric'), match: numbers },
      { name: scope('constant.other.keyword'), match: source(Keyword) },
      { name: scope('variable.other'), match: NAME },
      { name: scope('keyword.operator'), match: source(Operator) },
      { name: scope('punctuation.section.brackets.end'), match: '[)\\]}]' },
    ],
  };
}

/** The TextMate grammar of the VS Code extension, generated from the tables of the language. */
export function grammarText(): string {
  return `${JSON.stringify(grammar(), null, 2)}\n`;
}
