import type { Expression } from '../forms/forms.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Report } from '../messages/report.ts';

/** Reports a duration such as `30000`, which is hours though 30 seconds were meant. */
export function checkDuration(given: Expression, report: Report): void {
  if (given.kind !== 'literal' || given.unit !== null || typeof given.value !== 'number') return;
  const { value, span } = given;
  if (value < 1000 || value % 1000 !== 0) return;
  report('warning', span, () => catalogue.plainDuration(value, value / 1000));
}
