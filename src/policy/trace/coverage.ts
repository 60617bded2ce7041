import type { SourcePosition } from '../../model/control.ts';
import type { Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import { spanText, type SourceText, type Span } from '../text/source.ts';
import { isTrue, type Value } from '../values/values.ts';
import { branchesOf, type Runs } from './branches.ts';
import { NONE, type TraceTable } from './table.ts';
import type { Tracer } from './tracer.ts';

/** A part of a policy that no evaluation covered. */
export interface Missed {
  /** An expression no part of which ever ran, or a branch that was never taken. */
  readonly kind: 'expression' | 'branch';
  /** The value that a condition never had; null for an expression, `other` if the outcome is not a boolean. */
  readonly wants: 'true' | 'false' | 'other' | null;
  /** Offsets into the text of the file, `end` exclusive. */
  readonly span: { readonly start: number; readonly end: number };
  readonly position: SourcePosition;
  /** Human-readable description. */
  readonly what: string;
}

export interface FileCoverage {
  readonly file: string;
  readonly expressions: { readonly total: number; readonly ran: number };
  readonly branches: { readonly total: number; readonly taken: number };
  /** In text order. */
  readonly missed: readonly Missed[];
}

export interface CoverageReport {
  readonly files: readonly FileCoverage[];
}

/** The parts of a program that coverage reads. */
interface Traced {
  readonly files: readonly SourceText[];
  /** By file. */
  readonly expressions: readonly (readonly Expression[])[];
  readonly traceTable: TraceTable;
}

/**
 * Which expressions of a program ran in any evaluation, and which outcomes its conditions had. Excludes literals and names that are
 * plain arguments, and definitions: they run whenever the enclosing expression does.
 */
export class Coverage {
  readonly #program: Traced;
  readonly #table: TraceTable;
  /** By expression. */
  readonly #wasReached: boolean[] = [];
  readonly #totals: number[] = [];
  readonly #truths: number[] = [];

  constructor(program: Traced) {
    this.#program = program;
    this.#table = program.traceTable;
  }

  /** Adds the evaluation that the tracer has recorded. */
  add(tracer: Tracer): void {
    if (tracer.table !== this.#table) throw new Error('the tracer recorded a different program');
    const { frames, failures } = tracer.read();
    for (const frame of frames) {
      this.#mark(frame.body);
      this.#mark(frame.caller);
      for (const [id, value] of frame.recorded) this.#count(id, value);
      for (const id of this.#table.unrecorded(frame.body)) {
        const value = frame.value(id);
        if (value !== undefined) this.#count(id, value);
      }
    }
    // A failed expression counts as run.
    for (const { id } of failures) this.#mark(id);
  }

  #count(id: number, value: Value): void {
    this.#mark(id);
    this.#totals[id] = (this.#totals[id] ?? 0) + 1;
    if (isTrue(value)) this.#truths[id] = (this.#truths[id] ?? 0) + 1;
  }

  /** If a part runs, the enclosing expression runs. */
  #mark(id: number): void {
    for (let at = id; at !== NONE && this.#wasReached[at] !== true; at = this.#table.parents[at] as number)
      this.#wasReached[at] = true;
  }

  report(): CoverageReport {
    return {
      files: this.#program.files.map(({ file }, index) => {
        const own = new FileReport(this.#table, (id) => ({
          wasReached: this.#wasReached[id] === true,
          total: this.#totals[id] ?? 0,
          isTrue: this.#truths[id] ?? 0,
        }));
        for (const expression of this.#program.expressions[index] ?? []) own.visit(expression, true);
        own.counts.missed.sort((a, b) => a.span.start - b.span.start);
        return { file, ...own.counts };
      }),
    };
  }
}

class FileReport {
  readonly counts = { expressions: { total: 0, ran: 0 }, branches: { total: 0, taken: 0 }, missed: [] as Missed[] };
  readonly #table: TraceTable;
  readonly #runs: (id: number) => Runs;

  constructor(table: TraceTable, runs: (id: number) => Runs) {
    this.#table = table;
    this.#runs = runs;
  }

  /** @param isReported whether to report an expression that never ran; false inside another that never ran */
  visit(expression: Expression, isReported: boolean): void {
    const id = this.#table.id(expression);
    const ran = this.#runs(id).wasReached;
    const { expressions, branches } = this.counts;
    if (expression.kind !== 'define' && expression.kind !== 'param' && !this.#table.isPlainArgument(id)) {
      expressions.total += 1;
      if (ran) expressions.ran += 1;
      else if (isReported) this.#miss('expression', null, expression.span, `never ran: ${shown(expression)}`);
    }
    for (const { span, wants, missing, taken } of branchesOf(expression, (part) => this.#runs(this.#table.id(part)))) {
      branches.total += 1;
      if (taken) branches.taken += 1;
      else if (ran) this.#miss('branch', wants, span, missing);
    }
    const inside = expression.kind === 'define' ? isReported : isReported && ran;
    for (const part of parts(expression)) this.visit(part, inside);
    if (expression.kind === 'define') this.visit(expression.body, isReported);
  }

  #miss(kind: Missed['kind'], wants: Missed['wants'], { source, start, end }: Span, what: string): void {
    this.counts.missed.push({ kind, wants, span: { start, end }, position: source.positionAt(start), what });
  }
}

const SHOWN = 60;

function shown({ span }: Expression): string {
  const text = spanText(span).replace(/\s+/g, ' ');
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
