import { BUILTINS } from '../builtins/builtins.ts';
import type { CompiledFunction } from '../image/cells.ts';
import type { Fault } from '../messages/fault.ts';
import type { Apply, Attribute, Define, Expression } from '../forms/forms.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import type { Paths } from '../image/paths.ts';
import type { Span } from '../text/source.ts';
import { Tables } from './tables.ts';
import { storeTruth, storeValue } from '../trace/store-code.ts';
import { HEAD, PARENT } from '../trace/chunk.ts';
import { NONE, type TraceTable } from '../trace/table.ts';
import { UnitText } from './unit-text.ts';

/**
 * The common part of the code generators: functions, variables, names of the policy, and tracing. Each `emit` writes
 * statements and returns a JavaScript operand: a literal or a variable.
 */
export abstract class Writer {
  readonly tables: Tables;
  /** The functions `u0`, `u1`, … as text. */
  readonly units: string[] = [];
  /** Whether the program has timed forms. */
  hasTimers = false;
  protected readonly names: Names;
  /** Names that need no cell. */
  protected readonly lexical: ReadonlySet<string>;
  /** Names that are read through their cell. */
  protected readonly readThroughCell = new Set<string>();
  /** null: the code is not traced. */
  protected readonly trace: TraceTable | null;
  /** The id of the current body in the trace table. */
  protected tracedBody = NONE;
  protected unit = new UnitText(true);
  readonly paths: Paths;
  readonly #compiled = new Map<Define, CompiledFunction>();

  constructor(names: Names, paths: Paths, lexical: ReadonlySet<string>, trace: TraceTable | null = null) {
    this.names = names;
    this.paths = paths;
    this.lexical = lexical;
    this.trace = trace;
    this.tables = new Tables(lexical);
  }

  /** Writes a function and returns its name. */
  protected unitFunction(parameters: readonly string[], topLevel: boolean, body: () => string): string {
    const outer = this.unit;
    this.unit = new UnitText(topLevel);
    if (this.trace)
      this.unit.put(topLevel ? 'const T = m.tracer, N = T.topNumbers, O = T.topOthers, B = 0;' : 'const T = m.tracer;');
    const result = body();
    const text = `(${['m', ...parameters].join(', ')}) {\n${this.unit.lines.join('\n')}\nreturn ${result};\n}`;
    this.unit = outer;
    const name = `u${this.units.length}`;
    this.units.push(`function ${name}${text}`);
    return name;
  }

  /** Reads the innermost value of a name, in any scope. */
  protected read(name: string): string {
    this.readThroughCell.add(name);
    return `${this.tables.cell(name)}.value`;
  }

  protected know(name: string, operand: string): void {
    if (!this.names.changed.has(name)) this.unit.know(name, operand);
  }

  protected bind(name: string, value: string): void {
    if (!this.lexical.has(name)) {
      this.unit.bindsCells = true;
      this.unit.put(`m.bind(${this.tables.cell(name)}, ${value});`);
    }
    this.know(name, value);
  }

  /** Writes an `if` that returns the value of the branch that runs. */
  protected choice(condition: string, consequent: () => string, alternative: () => string): string {
    const unit = this.unit;
    const result = unit.temporary();
    unit.put(`let ${result}; if (${condition}) {`);
    const one = unit.branch(() => unit.put(`${result} = ${consequent()};`));
    unit.put('} else {');
    const other = unit.branch(() => unit.put(`${result} = ${alternative()};`));
    unit.put('}');
    unit.forget(one, other);
    return result;
  }

  protected emitAll(expressions: readonly Expression[]): string[] {
    return expressions.map((expression) => this.emit(expression));
  }

  protected emit(expression: Expression): string {
    return this.traced(expression, this.#emitUntraced(expression));
  }

  /** Stores the value of an expression in the trace, if the code is traced. */
  protected traced(expression: Expression, operand: string, isTruth = false): string {
    const trace = this.trace;
    if (!trace?.records(expression)) return operand;
    const id = trace.id(expression);
    const slotBefore = trace.isPlainArgument(id) ? this.unit.slotOf(operand) : undefined;
    if (slotBefore !== undefined) {
      trace.share(this.tracedBody, id, slotBefore);
      return operand;
    }
    const slot = trace.slot(this.tracedBody, id);
    const place = `B + ${HEAD + slot}`;
    this.unit.put(isTruth || this.unit.isTruth(operand) ? storeTruth(place, operand) : storeValue(place, operand));
    this.unit.keptInSlot(operand, slot);
    return operand;
  }

  #emitUntraced(expression: Expression): string {
    if ('head' in expression && expression.head !== null && mayBeHidden(expression.head, this.names)) {
      const { head, span } = expression;
      // Arguments needed by both branches are written once; otherwise nested calls would double the code at each level.
      if (expression.kind === 'apply')
        return this.variableOr(head, expression.args, span, (args) => this.apply(expression, args));
      const value = this.unit.keep(this.read(head));
      const args = this.names.argumentsOf(expression);
      return this.choice(
        hides(head, value),
        () => this.callValue(head, value, this.emitAll(args), span, args),
        () => this.emitVisible(expression),
      );
    }
    return this.emitVisible(expression);
  }

  /** Calls the value of a variable unless it is nil: it hides a builtin or user function of the same name. */
  protected variableOr(
    name: string,
    expressions: readonly Expression[],
    span: Span,
    otherwise: (args: readonly string[]) => string,
  ): string {
    const value = this.unit.keep(this.read(name));
    const args = this.emitAll(expressions);
    return this.choice(
      hides(name, value),
      () => this.callValue(name, value, args, span, expressions),
      () => otherwise(args),
    );
  }

  protected callValue(
    name: string,
    value: string,
    args: readonly string[],
    span: Span,
    expressions: readonly Expression[],
  ): string {
    return `m.callValue(${JSON.stringify(name)}, ${value}, [${args.join(', ')}], ${this.tables.site(span, expressions)})`;
  }

  protected sequence(body: readonly Expression[]): string {
    let last = 'null';
    for (const expression of body) last = this.emit(expression);
    return last;
  }

  /** An expression as a JavaScript condition. */
  protected truth(expression: Expression): string {
    if (expression.kind === 'apply' && expression.builtin.name === 'not' && !mayBeHidden('not', this.names)) {
      return this.traced(expression, `!${this.truth(expression.args[0] as Expression)}`, true);
    }
    return this.unit.condition(this.emit(expression));
  }

  /** The value before the dot: the innermost one, undefined if there is none. */
  protected root(expression: Attribute): { readonly root: string; readonly cell: string } {
    const cell = this.tables.cell(expression.root);
    return { root: this.unit.known(expression.root) ?? this.read(expression.root), cell };
  }

  /**
   * Writes the body of a function or loop in its own scope.
   * @param cause the operand for the trace: the site of the call or the element of the loop
   */
  protected body(bind: () => void, body: Expression, cause: 'site' | 'a0'): string {
    const unit = this.unit;
    const result = unit.temporary();
    unit.put(`let ${result};`);
    const outer = this.tracedBody;
    if (this.trace) {
      this.tracedBody = this.trace.id(body);
      unit.put(
        `const B = T.${cause === 'site' ? 'openCall' : 'openIteration'}(${this.tracedBody}, ${cause}), N = T.numbers, O = T.others;`,
      );
    }
    unit.openClose(() => {
      bind();
      unit.put(`${result} = ${this.emit(body)};`);
    });
    this.tracedBody = outer;
    if (this.trace) unit.put(`T.current = N[B + ${PARENT}];`);
    return result;
  }

  compiledDefinition(define: Define): CompiledFunction {
    const known = this.#compiled.get(define);
    if (known) return known;
    const { name, parameters } = define;
    const definition: CompiledFunction = {
      name,
      arity: Array.isArray(parameters) ? parameters.length : -1,
      fault: Array.isArray(parameters) ? null : (parameters as Fault),
      // Filled in by the generated code, where its functions are in scope.
      code: () => null,
      calledFrom: -1,
    };
    this.#compiled.set(define, definition);
    return definition;
  }

  /** Writes a call of a builtin whose arguments are already written. */
  protected abstract apply(expression: Apply, args: readonly string[]): string;

  /** Writes an expression of its kind. */
  protected abstract emitVisible(expression: Expression): string;
}

/** A variable hides an extension of MOM's language only if it holds a function. */
function hides(name: string, value: string): string {
  return BUILTINS.get(name)?.since === 'ballast'
    ? `${value} instanceof Callable`
    : `${value} !== undefined && ${value} !== null`;
}
