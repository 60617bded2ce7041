import type { PolicyFailure } from '../messages/fault.ts';
import type { Clause, Expression } from '../forms/forms.ts';
import type { Span } from '../text/source.ts';
import { isTrue, type Value } from '../values/values.ts';
import type { TraceTable } from './table.ts';

/** One run of a body. */
export interface Frame {
  /** The number of its body; {@link NONE}: the top-level expressions, of all files. */
  readonly body: number;
  /** The frame that it ran for; null for the top level. */
  readonly parent: Frame | null;
  /** The call or the loop, in the frame that it ran for; {@link NONE} at the top level. */
  readonly caller: number;
  /** The element of a loop. */
  readonly item: Value | undefined;
  readonly children: readonly Frame[];
  /** The values that were recorded, by expression. */
  readonly recorded: ReadonlyMap<number, Value>;
  /** For each `held-for` whose condition holds, `every` and `cooldown` whose time has not come, by expression: how long it has held, or when it ran last. */
  readonly elapsedMs: ReadonlyMap<number, number>;
  /** The value of any expression of the body; undefined when it has none, because it did not run or failed. */
  value(id: number): Value | undefined;
}

/** What an evaluation did. */
export interface Trace {
  /** The top level of all files, with all that ran in it. */
  readonly top: Frame;
  /** In the order in which they began. */
  readonly frames: readonly Frame[];
  readonly failures: readonly TracedFailure[];
}

/** An error of the policy, where it happened. */
export interface TracedFailure {
  readonly frame: Frame;
  /** The expression that failed; {@link NONE} when the error is at a part of one. */
  readonly id: number;
  readonly failure: PolicyFailure;
  /** Where it happened, also when that is a part of an expression. */
  readonly span: Span;
  /** It ended its file; otherwise only the turn of the innermost guest. */
  readonly endsFile: boolean;
}

/**
 * The value of an expression from the values that were recorded in its frame: that of a literal is in the text, and some forms have the
 * value of a part of theirs.
 */
export function valueIn(table: TraceTable, recorded: ReadonlyMap<number, Value>, id: number): Value | undefined {
  const value = recorded.get(id);
  return value === undefined
    ? handedOn(table.expression(id), (part) => valueIn(table, recorded, table.id(part)))
    : value;
}

function handedOn(expression: Expression, valueOf: (part: Expression) => Value | undefined): Value | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'if': {
      const condition = valueOf(expression.condition);
      return condition === undefined
        ? undefined
        : valueOf(isTrue(condition) ? expression.consequent : expression.alternative);
    }
    case 'let':
    case 'block':
    case 'because':
      return valueOf(expression.body.at(-1) as Expression);
    case 'cond':
      return clauseValue(expression.clauses, valueOf);
    default:
      return undefined;
  }
}

function clauseValue(clauses: readonly Clause[], valueOf: (part: Expression) => Value | undefined): Value | undefined {
  for (const { test, body } of clauses) {
    const value = test ? valueOf(test) : true;
    if (value === undefined) return undefined;
    if (isTrue(value)) return body.length > 0 ? valueOf(body.at(-1) as Expression) : value;
  }
  return null;
}
