import { catalogue } from '../messages/catalogue.ts';
import type { Expression } from '../forms/forms.ts';
import { spanText } from '../text/source.ts';
import type { Report } from '../messages/report.ts';

/** What one condition allows for a value: a range with or without its ends. */
interface Range {
  readonly of: string;
  readonly low: number;
  readonly high: number;
  /** Whether the ends belong to it. */
  readonly closed: boolean;
}

/** The sign as seen from the other operand: (< 5 a) is (> a 5). */
const MIRRORED: Readonly<Record<string, string>> = { lt: 'gt', gt: 'lt', lte: 'gte', gte: 'lte', eq: 'eq' };

/** Reports bounds of one value that exclude each other, such as (and (> Host.time_hour 22) (< Host.time_hour 6)). */
export function findContradictions(args: readonly Expression[], report: Report): void {
  const ranges = args.map(rangeOf);
  for (const [at, range] of ranges.entries()) {
    const before = ranges.findIndex(
      (each, index) => index < at && each !== null && range !== null && exclude(each, range),
    );
    const [first, second] = [args[before], args[at]];
    if (first && second) report('warning', second.span, () => catalogue.neverBoth(oneLine(first), oneLine(second)));
  }
}

function exclude(a: Range, b: Range): boolean {
  if (a.of !== b.of) return false;
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  return low > high || (low === high && !(a.closed && b.closed));
}

/** The range of a field, variable or reading that a comparison with a literal allows; null: something else. */
function rangeOf(expression: Expression): Range | null {
  if (expression.kind !== 'apply') return null;
  const [a, b] = expression.args;
  const isFirst = a?.kind === 'literal';
  const [value, bound] = isFirst ? [b, a] : [a, b];
  const sign = isFirst ? MIRRORED[expression.builtin.name] : expression.builtin.name;
  if (value?.kind !== 'attribute' && value?.kind !== 'variable') return null;
  if (bound?.kind !== 'literal' || typeof bound.value !== 'number') return null;
  const of = spanText(value.span);
  const number = bound.value;
  switch (sign) {
    case 'lt':
    case 'lte':
      return { of, low: -Infinity, high: number, closed: sign === 'lte' };
    case 'gt':
    case 'gte':
      return { of, low: number, high: Infinity, closed: sign === 'gte' };
    case 'eq':
      return { of, low: number, high: number, closed: true };
    default:
      return null;
  }
}

const oneLine = ({ span }: Expression): string => spanText(span).replace(/\s+/g, ' ');
