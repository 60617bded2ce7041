import { METHODS } from '../builtins/methods.ts';
import type { Expression } from '../forms/forms.ts';
import { walk } from '../forms/parts.ts';
import type { TypeTable } from '../types/infer.ts';
import { has, isUnknown, NUMBER } from '../types/type.ts';
import { ADAPTING } from './literal-units.ts';

/** A number that is written without a unit, and the unit in which it is taken: `KiB`, `s`, `ratio`. */
export interface BareNumber {
  readonly start: number;
  readonly end: number;
  readonly value: number;
  readonly unit: string;
}

/**
 * The plain numbers of expressions whose unit the text shows: beside a value with a unit, as a duration, as the value of a control.
 * @param controlUnit the unit of a control; null: unknown
 */
export function bareNumbers(
  expressions: readonly Expression[],
  types: TypeTable,
  controlUnit: (name: string) => string | null,
): readonly BareNumber[] {
  const found: BareNumber[] = [];
  const note = (expression: Expression | undefined, unit: string | null): void => {
    if (expression?.kind !== 'literal' || typeof expression.value !== 'number' || unit === null) return;
    if (expression.unit === null)
      found.push({ start: expression.span.start, end: expression.span.end, value: expression.value, unit });
  };
  const unitOf = (expression: Expression): string | null => {
    const type = types.typeOf(expression);
    if (!type || isUnknown(type) || !has(type, NUMBER) || type.measure.powers === null) return null;
    return type.measure.text;
  };
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case 'apply': {
        if (!ADAPTING.has(expression.builtin.name)) return;
        const unit = expression.args.map(unitOf).find((each) => each !== null) ?? null;
        return expression.args.forEach((argument) => note(argument, unit));
      }
      case 'held':
      case 'pace':
        return note(expression.duration, 's');
      case 'method': {
        if (expression.window?.kind === 'over') note(expression.window.value, 's');
        const [name, value] = expression.args;
        if (METHODS.get(expression.callee.attribute)?.name === 'Control' && name?.kind === 'literal')
          note(value, controlUnit(String(name.value)));
        return;
      }
      default:
        return;
    }
  };
  for (const expression of expressions) walk(expression, visit);
  return found;
}
