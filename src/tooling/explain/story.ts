import type { SourcePosition } from '../../model/control.ts';
import { Entity, isTrue } from '../../policy/index.ts';
import { calledName } from '../../policy/forms/scopes.ts';
import type { Expression, Variable } from '../../policy/forms/forms.ts';
import type { Frame } from '../../policy/trace/index.ts';
import { plain, words } from '../../policy/forms/words.ts';
import type { Scene } from './scene.ts';
import { shown, shownDistinct } from './show.ts';
import { unitOf } from './units.ts';

/** One line of an explanation. */
export interface Line {
  /** value: how a value was computed; condition: the branch taken; failed: a condition that would have had to differ. */
  readonly kind: 'value' | 'condition' | 'failed' | 'control' | 'error';
  readonly position: SourcePosition;
  readonly text: string;
}

const COMPARISONS: ReadonlySet<string> = new Set(['lt', 'gt', 'lte', 'gte', 'eq', 'neq']);
/** Limit for nested functions. */
const DEPTH = 30;
const BRANCH = 70;

/** Collects the lines of an explanation without duplicates. The lines that a line refers to come before it. */
export class Story {
  readonly scene: Scene;
  readonly lines: Line[] = [];
  readonly #added: Set<string>;
  /** Expressions whose sources were added: names can depend on each other in exponentially many ways. */
  readonly #visited = new Map<Frame, Set<Expression>>();
  #depth = 0;

  /** @param added keys of lines that an earlier story has added */
  constructor(scene: Scene, added: Set<string> = new Set()) {
    this.scene = scene;
    this.#added = added;
  }

  add(kind: Line['kind'], { span }: Expression, text: string): void {
    const position = span.source.positionAt(span.start);
    const key = `${position.file} ${position.line} ${text}`;
    if (this.#added.has(key)) return;
    this.#added.add(key);
    this.lines.push({ kind, position, text });
  }

  /** A condition with its value and the branch taken. */
  condition(condition: Expression, frame: Frame, then: Expression | null = null): void {
    this.sources(condition, frame);
    if (condition.kind === 'grant')
      return this.add(
        'condition',
        condition,
        `hand-out gives ${this.shownValue(condition, frame)} of ${this.withValues(condition.want, frame)}`,
      );
    const value = this.scene.value(condition, frame);
    const answer = value === undefined ? 'not known' : isTrue(value) ? 'true' : 'false';
    const text = isLeaf(condition) && typeof value === 'boolean' ? words(condition) : this.withValues(condition, frame);
    this.add('condition', condition, `${text}: ${answer}${then ? `, so ${branchText(then)}` : ''}`);
  }

  /** Adds how the names and calls in an expression got their values. */
  sources(expression: Expression, frame: Frame): void {
    if (this.#depth > DEPTH || !isNew(this.#visited, frame, expression)) return;
    this.#depth += 1;
    if (expression.kind === 'variable') this.#variable(expression, frame);
    else {
      for (const part of evaluatedParts(expression)) this.sources(part, frame);
      this.#call(expression, frame);
    }
    this.#depth -= 1;
  }

  #variable(variable: Variable, from: Frame): void {
    const { name } = variable;
    const binding = this.scene.lookup(name, variable, from);
    if (!binding?.source) return this.#setting(variable, from);
    if (binding.value instanceof Entity) return;
    const { source, frame } = binding;
    // The value of an argument is shown with the call; only its computation matters here.
    if (binding.isParameter && (source.kind === 'variable' || source.kind === 'call'))
      return this.sources(source, frame);
    if (source.kind === 'literal') return;
    // The value of a case has no name; its text is that of the value.
    this.#computed(plain(variable), source, frame);
  }

  /** A parameter of the policy whose value differs from its default. */
  #setting(variable: Variable, frame: Frame): void {
    const param = this.scene.program.params.find(({ name }) => name === variable.name);
    const value = this.scene.value(variable, frame);
    if (!param || value === undefined || value === param.value.value) return;
    const unit = unitOf(this.scene, variable, frame);
    this.add(
      'value',
      param,
      `${param.name} = ${shown(value, unit)}, overridden; policy default ${shown(param.value.value, unit)}`,
    );
  }

  #call(call: Expression, frame: Frame): void {
    const ran = this.scene.called(call, frame);
    if (!ran) return;
    const name = calledName(call) as string;
    const args =
      'args' in call
        ? call.args.map((argument) => shown(this.scene.value(argument, frame), unitOf(this.scene, argument, frame)))
        : [];
    this.#computed(`${name}(${args.join(', ')})`, this.scene.table.expression(ran.body), ran);
  }

  /** `name = expression = expression with values = value`. */
  #computed(name: string, source: Expression, frame: Frame): void {
    const made = this.result(source, frame);
    this.sources(made, frame);
    const value = shown(this.scene.value(source, frame), unitOf(this.scene, made, frame));
    this.add('value', made, this.computation(name, made, frame, value));
  }

  /** The steps from a name to its value, without repetitions. */
  computation(name: string, made: Expression, frame: Frame, value: string): string {
    const steps = [name, words(made), words(made, (leaf) => this.shownValue(leaf, frame)), value];
    return steps.filter((step, at) => step !== steps[at - 1]).join(' = ');
  }

  /** The expression that determined the value of an `if`, a `let` and so on; adds the conditions that selected it. */
  result(expression: Expression, frame: Frame): Expression {
    switch (expression.kind) {
      case 'if': {
        const { condition, consequent, alternative } = expression;
        const value = this.scene.value(condition, frame);
        if (value === undefined) return expression;
        const taken = isTrue(value) ? consequent : alternative;
        this.condition(condition, frame);
        return this.result(taken, frame);
      }
      case 'cond':
        for (const { test, body } of expression.clauses) {
          const value = test ? this.scene.value(test, frame) : true;
          if (value === undefined) return expression;
          if (test) this.condition(test, frame);
          if (isTrue(value)) return this.result(body.at(-1) ?? (test as Expression), frame);
        }
        return expression;
      case 'let':
      case 'block':
      case 'because':
        return this.result(expression.body.at(-1) as Expression, frame);
      default:
        return expression;
    }
  }

  /** An expression with the values of its names and fields. */
  withValues(expression: Expression, frame: Frame): string {
    const { scene } = this;
    if (expression.kind === 'logic')
      return expression.args.map((argument) => this.#argument(argument, frame)).join(` ${expression.operator} `);
    if (expression.kind !== 'apply' || !COMPARISONS.has(expression.builtin.name) || expression.args.length !== 2) {
      return words(expression, (leaf) => this.#named(leaf, frame));
    }
    const [a, b] = expression.args as [Expression, Expression];
    const unit = unitOf(scene, a, frame) ?? unitOf(scene, b, frame);
    const [left, right] = shownDistinct(scene.value(a, frame), scene.value(b, frame), unit);
    const texts = new Map([
      [a, left],
      [b, right],
    ]);
    const text = words(expression, (leaf) => {
      const own = texts.get(leaf);
      if (own === undefined) return this.#named(leaf, frame);
      return leaf.kind === 'literal' ? own : `${plain(leaf)} ${own}`;
    });
    if (isLeaf(a) && isLeaf(b)) return text;
    return `${text}, that is ${left} ${expression.builtin.operator} ${right}`;
  }

  /** An operand of `and` or `or`; operands after the deciding one have no value. */
  #argument(argument: Expression, frame: Frame): string {
    const text =
      this.scene.value(argument, frame) === undefined
        ? `${words(argument)} (not evaluated)`
        : this.withValues(argument, frame);
    return argument.kind === 'logic' ? `(${text})` : text;
  }

  #named(leaf: Expression, frame: Frame): string {
    const value = this.scene.value(leaf, frame);
    if (value === undefined) return plain(leaf);
    const text = this.shownValue(leaf, frame);
    return leaf.kind === 'literal' || value instanceof Entity ? text : `${plain(leaf)} ${text}`;
  }

  /** A value in the unit of its expression. */
  shownValue(leaf: Expression, frame: Frame): string {
    return shown(this.scene.value(leaf, frame), unitOf(this.scene, leaf, frame));
  }
}

/** Whether an expression was not yet in the set; adds it. */
export function isNew(seen: Map<Frame, Set<Expression>>, frame: Frame, expression: Expression): boolean {
  const own = seen.get(frame) ?? new Set();
  seen.set(frame, own);
  return own.size < own.add(expression).size;
}

/** The operands whose values explain an expression. */
function evaluatedParts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'apply':
    case 'logic':
    case 'call':
    case 'method':
      return expression.args;
    case 'held':
      return [expression.condition, expression.duration];
    case 'loop':
      return expression.carried ? [expression.list, expression.carried.initial] : [expression.list];
    case 'grant':
      return [expression.want];
    default:
      return [];
  }
}

function isLeaf({ kind }: Expression): boolean {
  return kind !== 'apply' && kind !== 'logic';
}

/** Shortens long branches: a block to its first form, anything else to its line number. */
function branchText(expression: Expression): string {
  const text = words(expression);
  if (text.length <= BRANCH) return text;
  const [first] = expression.kind === 'block' ? expression.body : [];
  const begin = first && words(first);
  if (begin !== undefined && begin.length <= BRANCH) return `{${begin} …}`;
  return `the code starting on line ${expression.span.source.positionAt(expression.span.start).line}`;
}
