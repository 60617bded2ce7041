import type { Expression, Let, Literal } from '../forms/forms.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Report } from '../messages/report.ts';
import { placeText } from '../text/source.ts';

/** Reports a value of a `case` that an earlier clause has too. */
export function findRepeatedValues({ body }: Let, report: Report): void {
  const [cond] = body;
  if (cond?.kind !== 'cond') return;
  const seen = new Map<Literal['value'], Literal>();
  for (const { test } of cond.clauses) {
    for (const value of test ? valuesIn(test) : []) {
      const before = seen.get(value.value);
      if (before) report('warning', value.span, () => catalogue.repeatedValue(placeText(before.span)));
      else seen.set(value.value, value);
    }
  }
}

function valuesIn(test: Expression): readonly Literal[] {
  if (test.kind === 'logic') return test.args.flatMap(valuesIn);
  const value = test.kind === 'apply' ? test.args[1] : undefined;
  return value?.kind === 'literal' ? [value] : [];
}
