import type { PolicyFailure } from '../messages/fault.ts';
import type { Clause, Expression } from '../forms/forms.ts';
import type { Span } from '../text/source.ts';
import { isTrue, type Value } from '../values/values.ts';
import type { TraceTable } from './table.ts';

/** One run of a body. */
export interface Frame {
  /** The id of its body; {@link NONE}: the top-level expressions of all files. */
  readonly body: number;
  /** The frame that called it; null for the top level. */
  readonly parent: Frame | null;
  /** The call or loop in the parent frame; {@link NONE} at the top level. */
  readonly caller: number;
  /** The element of a loop. */
  readonly item: Value | undefined;
  readonly children: readonly Frame[];
  /** The recorded values, by expression. */
  readonly recorded: ReadonlyMap<number, Value>;
  /** For each pending `held-for`, `every` and `cooldown`, by expression: milliseconds since the condition became true, or since the last run. */
  readonly elapsedMs: ReadonlyMap<number, number>;
  /** The value of any expression of the body; undefined if it did not run or failed. */
  value(id: number): Value | undefined;
}

/** A recorded evaluation. */
export interface Trace {
  /** The top level of all files, with all nested frames. */
  readonly top: Frame;
  /** In the order of their start. */
  readonly frames: readonly Frame[];
  readonly failures: readonly TracedFailure[];
}

/** A policy error with its frame. */
export interface TracedFailure {
  readonly frame: Frame;
  /** The expression that failed; {@link NONE} if the error is in a part of one. */
  readonly id: number;
  readonly failure: PolicyFailure;
  /** The position, also for a part of an expression. */
  readonly span: Span;
  /** Whether it ended the file; otherwise only the iteration of the innermost guest. */
  readonly endsFile: boolean;
}

/**
 * The value of an expression, derived from the recorded values of its frame: a literal is in the text, and some forms have the
 * value of one of their parts.
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
