import type { Cond, Expression, Loop, Logic, With } from '../forms/forms.ts';
import type { Span } from '../text/source.ts';

/** The outcomes of one expression over many evaluations. */
export interface Runs {
  /** Whether any part of it ran. */
  readonly wasReached: boolean;
  /** Number of values. */
  readonly total: number;
  readonly isTrue: number;
}

/** One outcome of a conditional form. */
export interface Branch {
  /** The condition. */
  readonly span: Span;
  /** The missing value if it was never taken. */
  readonly wants: 'true' | 'false' | 'other';
  /** The description in that case. */
  readonly missing: string;
  readonly taken: boolean;
}

/** The possible outcomes of a form, and which of them occurred. */
export function branchesOf(expression: Expression, runsOf: (part: Expression) => Runs): readonly Branch[] {
  switch (expression.kind) {
    case 'if':
      return bothWays(expression.condition, 'the condition', runsOf);
    case 'cond':
      return clauses(expression, runsOf);
    case 'logic':
      // The values of a clause of `case` are one test.
      return expression.head === '' ? [] : stops(expression, runsOf);
    case 'with':
      return [bodyRan(expression, expression.body, runsOf)];
    case 'loop':
      return expression.each ? [bodyRan(expression, expression.each.body, runsOf)] : [];
    case 'grant':
      return [
        {
          span: expression.want.span,
          wants: 'other',
          missing: 'nobody was given anything',
          taken: runsOf(expression.body).wasReached,
        },
      ];
    case 'held': {
      const { total, isTrue } = runsOf(expression);
      return [
        { span: expression.span, wants: 'true', missing: 'the condition never held long enough', taken: isTrue > 0 },
        { span: expression.span, wants: 'false', missing: 'it held every time', taken: isTrue < total },
      ];
    }
    case 'pace': {
      const body = runsOf(expression.body.at(-1) as Expression).total;
      return [
        { span: expression.span, wants: 'true', missing: 'its body never ran', taken: body > 0 },
        {
          span: expression.span,
          wants: 'false',
          missing: 'its body ran every time',
          taken: runsOf(expression).total > body,
        },
      ];
    }
    default:
      return [];
  }
}

function bothWays(condition: Expression, what: string, runsOf: (part: Expression) => Runs): readonly Branch[] {
  const { total, isTrue } = runsOf(condition);
  return [
    { span: condition.span, wants: 'true', missing: `${what} was never true`, taken: isTrue > 0 },
    { span: condition.span, wants: 'false', missing: `${what} was never false`, taken: isTrue < total },
  ];
}

/** Each clause, and the case that none matches if there is no `else`. */
function clauses(cond: Cond, runsOf: (part: Expression) => Runs): readonly Branch[] {
  let last: Runs | null = null;
  const branches = cond.clauses.map(({ test, span }): Branch => {
    if (!test)
      return {
        span,
        wants: 'other',
        missing: 'an earlier clause was always taken',
        taken: last !== null && last.isTrue < last.total,
      };
    last = runsOf(test);
    return { span: test.span, wants: 'true', missing: 'this test was never true', taken: last.isTrue > 0 };
  });
  const end = cond.clauses.at(-1);
  if (!end?.test) return branches;
  const { total, isTrue } = runsOf(end.test);
  return [
    ...branches,
    {
      span: end.test.span,
      wants: 'false',
      missing: 'this test was never false, so no evaluation fell through',
      taken: isTrue < total,
    },
  ];
}

/** Each argument except the last may decide; otherwise the last one is evaluated. */
function stops({ operator, args }: Logic, runsOf: (part: Expression) => Runs): readonly Branch[] {
  return args.map((argument, at): Branch => {
    const { wasReached, total, isTrue } = runsOf(argument);
    if (at === args.length - 1) {
      return {
        span: argument.span,
        wants: 'other',
        missing: `${operator} never reached this argument`,
        taken: wasReached,
      };
    }
    return operator === 'and'
      ? { span: argument.span, wants: 'false', missing: 'this was never false', taken: isTrue < total }
      : { span: argument.span, wants: 'true', missing: 'this was never true', taken: isTrue > 0 };
  });
}

function bodyRan({ span }: With | Loop, body: Expression, runsOf: (part: Expression) => Runs): Branch {
  return { span, wants: 'other', missing: 'the list was always empty', taken: runsOf(body).wasReached };
}
