import type { Expression } from '../forms/forms.ts';
import { METHODS } from '../builtins/methods.ts';
import { spanText, type Span } from '../text/source.ts';
import { describeType, LIST, NIL, TEXT, type Type } from './type.ts';

/** Longer operands are not repeated in messages, because the caret shows them. */
const SHOWN = 40;

/** The kinds of values for which `null` is true. */
const NIL_OR_EMPTY = NIL | TEXT | LIST;

/** The text of an operand on one line, or `X`. */
export function operandText(span: Span): string {
  const text = spanText(span);
  return text.length <= SHOWN && !text.includes('\n') ? text : 'X';
}

/** Describes an operand in messages. */
export function shownOperand(expression: Expression, type: Type): string {
  if (expression.kind === 'literal')
    return expression.value === null
      ? 'nil'
      : `the ${typeof expression.value === 'string' ? 'text' : 'number'} ${operandText(expression.span)}`;
  return `${type.kinds === NIL_OR_EMPTY ? 'a value that is nil or empty' : describeType(type)} (${operandText(expression.span)})`;
}

/** Hint for an operand of the wrong type. */
export function operandHint(expression: Expression, type: Type): string | null {
  const { kinds, constant } = type;
  if (kinds === NIL_OR_EMPTY || (kinds === NIL && isReading(expression)))
    return 'the surrounding test shows that it has no value here';
  const name = isReading(expression) || expression.kind === 'variable' ? nameOf(expression) : null;
  if (kinds === NIL) return `nil means no value${name === null ? '' : `: use it only if (valid ${name}) is true`}`;
  const isNumber =
    kinds === TEXT && typeof constant === 'string' && constant.trim() !== '' && Number.isFinite(Number(constant));
  return isNumber ? `write numbers without quotes: ${constant}` : null;
}

/** A value that is nil only if a test has shown it. */
function isReading(expression: Expression): boolean {
  return (
    expression.kind === 'attribute' ||
    (expression.kind === 'method' && METHODS.get(expression.callee.attribute)?.effect !== true)
  );
}

/** The name that a guard would test. */
export function nameOf(expression: Expression): string | null {
  return expression.kind === 'variable' || expression.kind === 'attribute' || expression.kind === 'method'
    ? operandText(expression.span)
    : null;
}
