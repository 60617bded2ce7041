import { OPERATORS } from '../builtins/builtins.ts';
import { KEYWORDS } from './expand-hysteresis.ts';
import type { Apply, Expression } from './forms.ts';
import { oneLine } from '../text/one-line.ts';
import { spanText } from '../text/source.ts';

const SYMBOLS: ReadonlyMap<string, string> = new Map([...OPERATORS].map(([operator, name]) => [name, operator]));
const OPPOSITE: Readonly<Record<string, string>> = {
  '<': '>=',
  '>': '<=',
  '<=': '>',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

/** Operator precedence. */
const LOGIC = 1;
const COMPARISON = 2;
const SHIFT = 3;
const SUM = 4;
const PRODUCT = 5;
const BINDS: Readonly<Record<string, number>> = {
  '<<': SHIFT,
  '>>': SHIFT,
  '+': SUM,
  '-': SUM,
  '*': PRODUCT,
  '/': PRODUCT,
};

/** Formats a name, a field, a literal or any other expression without an operator. */
export type Leaf = (expression: Expression) => string;

/** An expression in infix notation: `free_share < shortage_share`, `a and not b`. */
export function words(expression: Expression, leaf: Leaf = plain): string {
  return phrase(expression, true, 0, leaf);
}

/** The negated expression: `a < b` becomes `a >= b`. */
export function negatedWords(expression: Expression): string {
  return phrase(expression, false, 0, plain);
}

/** @param around precedence of the context: expressions of lower precedence get parentheses */
function phrase(expression: Expression, holds: boolean, around: number, leaf: Leaf): string {
  switch (expression.kind) {
    case 'logic': {
      // Not (a and b) is not a or not b.
      const operator = (expression.operator === 'and') === holds ? ' and ' : ' or ';
      const parts = expression.args.map((argument) => phrase(argument, holds, LOGIC, leaf));
      return bracketed(parts.join(operator), around >= LOGIC && expression.args.length > 1);
    }
    case 'apply':
      return applied(expression, holds, around, leaf);
    default: {
      const text = leaf(expression);
      return holds ? text : `not ${text}`;
    }
  }
}

function applied(expression: Apply, holds: boolean, around: number, leaf: Leaf): string {
  const { builtin, args } = expression;
  const [a, b] = args as [Expression, Expression];
  if (builtin.name === 'not') return phrase(a, !holds, around, leaf);
  const operator = SYMBOLS.get(builtin.name);
  if (operator === undefined) {
    const keywords = KEYWORDS.get(builtin.name) ?? [];
    const shown = args.map((argument, at) => {
      const keyword = keywords[at - (args.length - keywords.length)];
      return `${keyword === undefined ? '' : `:${keyword} `}${words(argument, leaf)}`;
    });
    return `${holds ? '' : 'not '}${builtin.name}(${shown.join(', ')})`;
  }
  const opposite = OPPOSITE[operator];
  if (opposite === undefined && !holds) return `not (${phrase(expression, true, 0, leaf)})`;
  const binds = BINDS[operator] ?? COMPARISON;
  const text = `${phrase(a, true, binds - 1, leaf)} ${holds ? operator : opposite} ${phrase(b, true, binds, leaf)}`;
  return bracketed(text, around >= binds);
}

/** Without values. */
export function plain(expression: Expression): string {
  switch (expression.kind) {
    case 'call':
      return `${expression.name}(${expression.args.map((argument) => words(argument)).join(', ')})`;
    case 'method': {
      const window = expression.window ? ` :${expression.window.kind} ${words(expression.window.value)}` : '';
      return `${expression.callee.name}(${expression.args.map((argument) => words(argument)).join(', ')}${window})`;
    }
    case 'grant':
      return `${words(expression.want)} as far as the budget lasts`;
    case 'held':
      return `${words(expression.condition)} for ${words(expression.duration)}`;
    default:
      return ('node' in expression ? oneLine(expression.node) : spanText(expression.span)).replace(/\s+/g, ' ');
  }
}

function bracketed(text: string, needed: boolean): string {
  return needed ? `(${text})` : text;
}
