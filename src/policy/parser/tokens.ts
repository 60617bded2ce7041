import { createToken, Lexer, type TokenType } from 'chevrotain';
import { NAMED_UNITS } from '../text/quantity.ts';

// The order in this file is the order in which alternatives are tried at each position: the first match wins.

/** Any opening bracket. */
export const Open = createToken({ name: 'Open', pattern: Lexer.NA });
/** Any closing bracket. */
export const Close = createToken({ name: 'Close', pattern: Lexer.NA });
/** Any other single token. */
export const Atom = createToken({ name: 'Atom', pattern: Lexer.NA });

const bracket = (name: string, pattern: string, category: TokenType): TokenType =>
  createToken({ name, pattern, categories: category });
const atom = (name: string, pattern: RegExp, hints?: readonly string[]): TokenType =>
  createToken({ name, pattern, categories: Atom, ...(hints ? { start_chars_hint: [...hints] } : {}) });

/** Tokens that the grammar skips. */
export const COMMENTS = 'comments';
export const FOREIGN_COMMENTS = 'foreign comments';

const DIGITS = [...'0123456789'];

const brackets = [
  bracket('LeftParenthesis', '(', Open),
  bracket('RightParenthesis', ')', Close),
  bracket('LeftBrace', '{', Open),
  bracket('RightBrace', '}', Close),
  bracket('LeftBracket', '[', Open),
  bracket('RightBracket', ']', Close),
];

// Before the plain numbers: `5min` is one literal. If more name characters follow, it is not one, so `125f56` stays an error.
export const Quantity = atom(
  'Quantity',
  new RegExp(`-?(?:[0-9]*\\.[0-9]+|0|[1-9][0-9]*)(?:(?:${NAMED_UNITS.join('|')})(?![A-Za-z0-9_.-])|%)`),
  ['-', '.', ...DIGITS],
);
export const Fraction = atom('Fraction', /-?[0-9]*\.[0-9]+(?:[Ee][+-]?[0-9]+)?/, ['-', '.', ...DIGITS]);
export const Hexadecimal = atom('Hexadecimal', /0[xX][0-9a-fA-F]+/, ['0']);
// `0x` and `0o` are never read as the integer 0, even if no valid number follows.
export const Integer = atom('Integer', /-?(?:0(?![xo])|[1-9][0-9]*)(?![0-9eE])/, ['-', ...DIGITS]);
export const Exponent = atom('Exponent', /-?(?:0|[1-9][0-9]*)[Ee][+-]?[0-9]+/, ['-', ...DIGITS]);
export const Octal = atom('Octal', /0o[0-9]+/, ['0']);
const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, group: COMMENTS });
/** A comment of another language: `; text`, or `// text` alone on its line. It is reported, and its words are not read as names. */
const ForeignComment = createToken({
  name: 'ForeignComment',
  pattern: /;[^\r\n]*|(?<=(?:^|[\r\n])[ \t]*)\/\/[^\r\n]*/,
  group: FOREIGN_COMMENTS,
  start_chars_hint: [';', '/'],
});
export const Text = atom('Text', /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/, ["'", '"']);
export const Symbol = atom('Symbol', /[A-Za-z_][A-Za-z0-9_.-]*/);
/** `:min`: names the argument that follows. */
export const Keyword = atom('Keyword', /:[A-Za-z][A-Za-z0-9-]*/, [':']);
export const Operator = atom('Operator', /<<|>>|<=|>=|==|!=|[+\-*/<>]/, ['<', '>', '=', '!', '+', '-', '*', '/']);
const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });

// Errors with messages of their own. They match only where nothing valid does, and take the whole invalid
// range, so that each mistake gives one message and long ones are scanned only once.
export const BadNumber = createToken({
  name: 'BadNumber',
  pattern: /-?[0-9][0-9A-Za-z_.]*/,
  categories: Atom,
  start_chars_hint: ['-', ...DIGITS],
});
export const UnclosedText = createToken({
  name: 'UnclosedText',
  pattern: /['"][^]*/,
  categories: Atom,
  line_breaks: true,
  start_chars_hint: ["'", '"'],
});

export const TOKENS: TokenType[] = [
  Open,
  Close,
  Atom,
  ...brackets,
  Quantity,
  Fraction,
  Hexadecimal,
  Integer,
  Exponent,
  Octal,
  Comment,
  ForeignComment,
  Text,
  Symbol,
  Keyword,
  Operator,
  Space,
  BadNumber,
  UnclosedText,
];
