import type { ControlDecl } from '../../model/control.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Expression } from '../forms/forms.ts';
import { readQuantity } from '../text/quantity.ts';
import type { Report } from '../messages/report.ts';

/** Checks the value of a control as far as the text shows it. */
export function checkControlValue(
  { name, type, min = -Infinity, max = Infinity }: ControlDecl,
  value: Expression,
  report: Report,
): void {
  if (value.kind !== 'literal') return;
  const given = value.value;
  // nil requests nothing: MOM's controllers ignore it.
  if (given === null) return;
  if ((typeof given === 'string') !== (type === 'string')) {
    const what = typeof given === 'string' ? 'a text' : 'a number';
    const isNumber =
      typeof given === 'string' &&
      (readQuantity(given) !== null || (given.trim() !== '' && Number.isFinite(Number(given))));
    report('error', value.span, () => catalogue.controlType(name, type, what, isNumber ? given : null));
  } else if (typeof given === 'number' && (given < min || given > max)) {
    const range = max === Infinity ? `at least ${min}` : min === -Infinity ? `at most ${max}` : `${min} to ${max}`;
    report('warning', value.span, () => catalogue.controlRange(name, range, given));
  }
}
