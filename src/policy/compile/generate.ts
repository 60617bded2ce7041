import type { Node } from '../text/ast.ts';
import { BUILTINS } from '../builtins/builtins.ts';
import { PREDEFINED } from '../builtins/function-values.ts';
import { CallWriter } from './call-writer.ts';
import {
  parts,
  unreachable,
  type Because,
  type Clause,
  type Define,
  type Expression,
  type Held,
  type Let,
  type Literal,
  type Loop,
  type Pace,
  type Param,
  type With,
} from '../forms/forms.ts';
import { calledName } from '../forms/names.ts';
import { oneLine } from '../text/one-line.ts';

/** Top-level expressions run in groups of about this many expressions: one function each would cost a call, one for all could be too large. */
const UNIT_WEIGHT = 256;

/** Writes the JavaScript of a program. See compile.ts for what may get into it. */
export class Generator extends CallWriter {
  /** Which of them is the code of which definition. */
  readonly definitions: { readonly constant: string; readonly unit: string }[] = [];
  /** How often the text of an `every` or `cooldown` has occurred. */
  readonly #paces = new Map<string, number>();

  /** The top-level expressions of a file, as functions of the machine. */
  file(
    expressions: readonly Expression[],
  ): readonly { readonly name: string; readonly weight: number; readonly site: number }[] {
    const groups: { expressions: Expression[]; weight: number }[] = [];
    for (const expression of expressions) {
      const weight = weigh(expression);
      const last = groups.at(-1);
      if (last && last.weight + weight <= UNIT_WEIGHT) {
        last.expressions.push(expression);
        last.weight += weight;
      } else {
        groups.push({ expressions: [expression], weight });
      }
    }
    return groups.map((group) => ({
      name: this.#topLevelFunction(group.expressions),
      weight: group.weight,
      site: this.tables.site((group.expressions[0] as Expression).span),
    }));
  }

  /** Names that are bound and never looked up but where their binding is plain to see. */
  lexicalNames(): ReadonlySet<string> {
    const { bound, changed } = this.names;
    const seen = (name: string): boolean =>
      changed.has(name) || this.readThroughCell.has(name) || BUILTINS.has(name) || PREDEFINED.has(name);
    return new Set([...bound].filter((name) => !seen(name)));
  }

  #topLevelFunction(expressions: readonly Expression[]): string {
    return this.unitFunction([], true, () => {
      this.unit.put('const wanted = m.results !== null;');
      for (const expression of expressions) {
        const result = this.emit(expression);
        this.unit.put(`if (wanted) m.topLevel(${result}, ${this.tables.site(expression.span)});`);
      }
      return 'null';
    });
  }

  protected emitVisible(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return literal(expression.value);
      case 'variable': {
        if (expression.name === 'nil') return 'null';
        const known = this.unit.known(expression.name);
        if (known !== undefined) return known;
        const value = this.unit.temporary();
        const cell = this.tables.cell(expression.name);
        this.unit.put(
          `const ${value} = ${this.read(expression.name)}; if (${value} === undefined) m.unknown(${cell}, ${this.tables.site(expression.span)});`,
        );
        return value;
      }
      case 'attribute': {
        const site = this.tables.site(expression.span);
        const { root, cell } = this.root(expression);
        // A field does not change while a policy is evaluated: what the unit has read once it need not read again.
        // No name has a space; the root's own name counts because it says where else the field is looked for.
        const key =
          this.unit.known(expression.root) === undefined ? null : `${root} ${expression.root}.${expression.attribute}`;
        const known = key === null ? undefined : this.unit.known(key);
        if (known !== undefined) return known;
        const value = this.unit.keep(`field(m, ${root}, ${cell}, ${this.tables.field(expression.attribute)}, ${site})`);
        if (key !== null) this.unit.know(key, value);
        return value;
      }
      case 'if':
        return this.choice(
          this.truth(expression.condition),
          () => this.emit(expression.consequent),
          () => this.emit(expression.alternative),
        );
      case 'logic':
        return this.#logic(expression.operator, expression.args);
      case 'block':
        return this.sequence(expression.body);
      case 'let':
        return this.#let(expression);
      case 'cond':
        return this.#cond(expression.clauses);
      case 'with':
        return this.#with(expression);
      case 'loop':
        return this.#loop(expression);
      case 'because':
        return this.#because(expression);
      case 'param':
        return this.#param(expression);
      case 'held':
        return this.#held(expression);
      case 'pace':
        return this.#pace(expression);
      case 'define':
        return this.#define(expression);
      case 'defvar':
        return this.#defvar(expression.name, this.emit(expression.value));
      case 'assign': {
        const site = this.tables.site(expression.span);
        return this.unit.keep(
          `m.assign(${this.tables.cell(expression.name)}, ${this.emit(expression.value)}, ${site})`,
        );
      }
      case 'apply':
        return this.apply(expression, this.emitAll(expression.args));
      case 'call':
        return this.call(expression);
      case 'method':
        return this.method(expression);
      case 'malformed':
        return this.unit.keep(`fail(${this.tables.constant(expression.fault)}, ${this.tables.site(expression.span)})`);
      default:
        return unreachable(expression);
    }
  }

  #logic(operator: 'and' | 'or', args: readonly Expression[]): string {
    const unit = this.unit;
    const result = unit.temporary();
    const skipped: ReadonlySet<string>[] = [];
    args.forEach((argument, index) => {
      if (index === 0) {
        const first = this.emit(argument);
        unit.put(`let ${result} = ${first};`);
        return;
      }
      const undecided = operator === 'and' ? `isTrue(${result})` : `!isTrue(${result})`;
      if (this.names.hasEffect(argument)) {
        const value = this.emit(argument);
        unit.put(`if (${undecided}) ${result} = ${value};`);
        return;
      }
      unit.put(`if (${undecided}) {`);
      skipped.push(unit.branch(() => unit.put(`${result} = ${this.emit(argument)};`)));
      unit.put('}');
    });
    unit.forget(...skipped);
    return result;
  }

  #let({ bindings, body }: Let): string {
    const unit = this.unit;
    const result = unit.temporary();
    unit.put(`let ${result}; {`);
    unit.innerScope(() => {
      for (const { name, value } of bindings) this.#defvar(name, this.emit(value));
      unit.put(`${result} = ${this.sequence(body)};`);
    });
    unit.put('}');
    return result;
  }

  #defvar(name: string, value: string): string {
    const unit = this.unit;
    const known = unit.knownInScope(name);
    if (known !== undefined) return known;
    // Whether the scope has the name already is told only by the cell.
    if (unit.topLevel || unit.isUncertain(name)) this.readThroughCell.add(name);
    if (this.lexical.has(name)) {
      this.know(name, value);
      return value;
    }
    const cell = this.tables.cell(name);
    if (!unit.topLevel) unit.bindsCells = true;
    // At the top level no scope hides anything: what has a value has it there. The end of the evaluation clears it.
    const result = unit.keep(
      unit.topLevel
        ? `${cell}.value === undefined ? (${cell}.value = ${value}) : ${cell}.value`
        : `m.defvar(${cell}, ${value})`,
    );
    this.know(name, result);
    return result;
  }

  #with({ list, variable, body, span }: With): string {
    const site = this.tables.site(span);
    const items = this.emit(list);
    const unit = this.unitFunction(['a0'], false, () => this.body(() => this.bind(variable, 'a0'), body, 'a0'));
    return this.unit.keep(`m.each(${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  #loop({ operation, list, each, span }: Loop): string {
    const site = this.tables.site(span);
    const finish = this.tables.constant(operation);
    const items = this.emit(list);
    if (!each) return this.unit.keep(`m.loopBare(${finish}, ${items}, ${site})`);
    const { variable, body } = each;
    const unit = this.unitFunction(['a0'], false, () => this.body(() => this.bind(variable, 'a0'), body, 'a0'));
    return this.unit.keep(`m.loop(${finish}, ${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  #cond([clause, ...rest]: readonly Clause[]): string {
    if (!clause) return 'null';
    const { test, body } = clause;
    if (!test) return this.sequence(body);
    if (body.length > 0)
      return this.choice(
        this.truth(test),
        () => this.sequence(body),
        () => this.#cond(rest),
      );
    const value = this.emit(test);
    return this.choice(
      this.unit.condition(value),
      () => value,
      () => this.#cond(rest),
    );
  }

  #because({ reason, body, span }: Because): string {
    const text = this.emit(reason);
    const outer = this.unit.keep(`m.because(${text}, ${this.tables.site(span)})`);
    const result = this.unit.keep(this.sequence(body));
    this.unit.put(`m.reason = ${outer};`);
    return result;
  }

  #param({ name, value }: Param): string {
    const cell = this.tables.cell(name);
    this.readThroughCell.add(name);
    const byDefault = literal(value.value);
    const inForce = `m.params === null ? ${byDefault} : m.parameter(m.params, ${cell}, ${byDefault})`;
    return this.unit.keep(`${cell}.value === undefined ? (${cell}.value = ${inForce}) : ${cell}.value`);
  }

  #held({ key, condition, duration, span }: Held): string {
    this.holds = true;
    const [name, holds, seconds] = this.emitAll([key, condition, duration]);
    return this.unit.keepTruth(
      `m.heldFor(${name}, ${this.unit.condition(holds as string)}, ${seconds}, ${this.tables.site(span)})`,
    );
  }

  #pace({ mode, duration, body, node, span }: Pace): string {
    this.holds = true;
    const site = this.tables.site(span);
    const key = this.tables.constant(this.#paceKey(node));
    const seconds = this.emit(duration);
    const asked = mode === 'cooldown' ? this.unit.keep('m.journal.requestCount') : null;
    return this.choice(
      `m.isDue(${key}, ${seconds}, ${site})`,
      () => {
        if (asked === null) this.unit.put(`m.ran(${key}, ${site});`);
        const result = this.sequence(body);
        if (asked !== null) this.unit.put(`if (m.journal.requestCount > ${asked}) m.ran(${key}, ${site});`);
        return result;
      },
      () => 'null',
    );
  }

  /** What the moment of the last run is kept under: the same after a reload, as long as the form's words are. */
  #paceKey(node: Node): string {
    const text = oneLine(node);
    const nth = (this.#paces.get(text) ?? 0) + 1;
    this.#paces.set(text, nth);
    return `${text.slice(1, 24)} ${hash(text)}${nth === 1 ? '' : `-${nth}`}`;
  }

  #define(define: Define): string {
    const { name, parameters, body } = define;
    const constant = this.tables.constant(this.compiledDefinition(define));
    const watched = this.names.asks(name) && this.paths.isChoice(define) ? constant : null;
    if (Array.isArray(parameters))
      this.definitions.push({ constant, unit: this.#userFunction(parameters as readonly string[], body, watched) });
    this.unit.put(`${this.tables.functionCell(name)}.definition = ${constant};`);
    return JSON.stringify(name);
  }

  /** @param watched the definition, when it is to note through which call it was entered */
  #userFunction(names: readonly string[], body: Expression, watched: string | null): string {
    const weight = weigh(body);
    const frames = 1 + (weight >> 5);
    // A function that calls nothing cannot recurse.
    const deep = this.#callsFunctions(body);
    return this.unitFunction(['site', ...names.map((_, index) => `a${index}`)], false, () => {
      this.unit.put(`m.step(${weight}, site);`);
      if (deep) this.unit.put(`if ((m.calls += ${frames}) > m.mostCalls) m.tooDeep(site);`);
      const result = this.unit.temporary();
      this.unit.put(`let ${result};`);
      if (watched !== null) this.unit.put(`const from = ${watched}.calledFrom; ${watched}.calledFrom = site;`);
      // An error that costs one guest its decisions may end an inner call, and the outer one goes on.
      if (watched !== null && deep) this.unit.put('try {');
      const value = this.body(
        () => {
          names.forEach((name, index) => {
            // Of equal names the first counts.
            if (names.indexOf(name) === index) this.bind(name, `a${index}`);
          });
        },
        body,
        'site',
      );
      this.unit.put(`${result} = ${value};`);
      if (watched !== null && deep) this.unit.put('} finally {');
      if (watched !== null) this.unit.put(`${watched}.calledFrom = from;`);
      if (watched !== null && deep) this.unit.put('}');
      if (deep) this.unit.put(`m.calls -= ${frames};`);
      return result;
    });
  }

  #callsFunctions(expression: Expression): boolean {
    const callee = calledName(expression);
    if (callee !== null && this.names.functions.has(callee)) return true;
    return parts(expression).some((part) => this.#callsFunctions(part));
  }
}

/** FNV-1a, 32 bits, as text. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}

function literal(value: Literal['value']): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Object.is(value, -0)) return '(-0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1 / 0)' : '(-1 / 0)';
  return value < 0 ? `(${value})` : String(value);
}

/** How many expressions run with this one, at most; those of a loop's body count for each turn instead. */
function weigh(expression: Expression): number {
  if (expression.kind === 'with') return 2;
  if (expression.kind === 'loop') return 2 + weigh(expression.list);
  let weight = 1;
  for (const part of parts(expression)) weight += weigh(part);
  return weight;
}
