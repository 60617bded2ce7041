import { BUILTINS, FUNCTION_VALUES, PREDEFINED, type PlainBuiltin } from './builtins.ts';
import type { Definition } from './cells.ts';
import type { Fault } from './diagnostics.ts';
import { argumentsOf } from './expand.ts';
import { parts, unreachable, type Apply, type Attribute, type Call, type Define, type Expression, type Let, type MethodCall, type With } from './forms.ts';
import { METHODS, type Method } from './methods.ts';
import { calledName, mayBeHidden, type Names } from './names.ts';
import type { Span } from './source.ts';
import { Tables } from './tables.ts';
import { UnitText } from './unit-text.ts';

/** The builtins on two plain numbers, as JavaScript; everything else goes to the builtin itself. */
const ON_NUMBERS: Readonly<Record<string, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  lt: (a, b) => `${a} < ${b}`,
  gt: (a, b) => `${a} > ${b}`,
  lte: (a, b) => `${a} <= ${b}`,
  gte: (a, b) => `${a} >= ${b}`,
  eq: (a, b) => `${a} === ${b}`,
  neq: (a, b) => `${a} !== ${b}`,
  min: (a, b) => `${b} < ${a} ? ${b} : ${a}`,
  max: (a, b) => `${b} > ${a} ? ${b} : ${a}`,
};

const TRUTHS: ReadonlySet<string> = new Set(['lt', 'gt', 'lte', 'gte', 'eq', 'neq', 'not', 'null', 'valid']);

/** Top-level expressions run in groups of about this many expressions: one function each would cost a call, one for all could be too large. */
const UNIT_WEIGHT = 256;

/** Writes the JavaScript of a program. See compile.ts for what may get into it. */
export class Generator {
  readonly tables: Tables;
  /** The functions `u0`, `u1`, … as text. */
  readonly units: string[] = [];
  /** Which of them is the code of which definition. */
  readonly definitions: { readonly constant: string; readonly unit: string }[] = [];
  readonly #names: Names;
  /** Names that need no cell. */
  readonly #lexical: ReadonlySet<string>;
  /** Names that are read somewhere through their cell. */
  readonly #readThroughCell = new Set<string>();
  #unit = new UnitText(true);

  constructor(names: Names, lexical: ReadonlySet<string>) {
    this.#names = names;
    this.#lexical = lexical;
    this.tables = new Tables(lexical);
  }

  /** The top-level expressions of a file, as functions of the machine. */
  file(expressions: readonly Expression[]): readonly { readonly name: string; readonly weight: number; readonly site: number }[] {
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
    const { bound, changed } = this.#names;
    const seen = (name: string): boolean =>
      changed.has(name) || this.#readThroughCell.has(name) || BUILTINS.has(name) || PREDEFINED.has(name);
    return new Set([...bound].filter((name) => !seen(name)));
  }

  #topLevelFunction(expressions: readonly Expression[]): string {
    return this.#function([], true, () => {
      this.#unit.put('const wanted = m.results !== null;');
      for (const expression of expressions) {
        const result = this.#emit(expression);
        this.#unit.put(`if (wanted) m.topLevel(${result}, ${this.tables.site(expression.span)});`);
      }
      return 'null';
    });
  }

  /** Writes a function of the machine and some values, and answers its name. */
  #function(parameters: readonly string[], topLevel: boolean, body: () => string): string {
    const outer = this.#unit;
    this.#unit = new UnitText(topLevel);
    const result = body();
    const text = `(${['m', ...parameters].join(', ')}) {\n${this.#unit.lines.join('\n')}\nreturn ${result};\n}`;
    this.#unit = outer;
    const name = `u${this.units.length}`;
    this.units.push(`function ${name}${text}`);
    return name;
  }

  /** The innermost value of a name, whatever scope it is in. */
  #read(name: string): string {
    this.#readThroughCell.add(name);
    return `${this.tables.cell(name)}.value`;
  }

  #know(name: string, operand: string): void {
    if (!this.#names.changed.has(name)) this.#unit.know(name, operand);
  }

  /** Writes an `if` whose value is that of the branch that runs. */
  #choice(condition: string, consequent: () => string, alternative: () => string): string {
    const unit = this.#unit;
    const result = unit.temporary();
    unit.put(`let ${result}; if (${condition}) {`);
    const one = unit.branch(() => unit.put(`${result} = ${consequent()};`));
    unit.put('} else {');
    const other = unit.branch(() => unit.put(`${result} = ${alternative()};`));
    unit.put('}');
    unit.forget(one, other);
    return result;
  }

  #emitAll(expressions: readonly Expression[]): string[] {
    return expressions.map((expression) => this.#emit(expression));
  }

  // Expressions. Each `emit` writes statements and answers a JavaScript operand: a literal or a variable.

  #emit(expression: Expression): string {
    if ('head' in expression && expression.head !== null && mayBeHidden(expression.head, this.#names)) {
      return this.#variableOr(expression.head, argumentsOf(expression.node), expression.span, () => this.#emitVisible(expression));
    }
    return this.#emitVisible(expression);
  }

  /** Calls the value of a variable if it has one that is not nil: it hides a builtin or a user function of its name. */
  #variableOr(name: string, expressions: readonly Expression[], span: Span, otherwise: () => string): string {
    const value = this.#unit.keep(this.#read(name));
    return this.#choice(
      `${value} !== undefined && ${value} !== null`,
      () => this.#callValue(name, value, this.#emitAll(expressions), span, expressions),
      otherwise,
    );
  }

  #callValue(name: string, value: string, args: readonly string[], span: Span, expressions: readonly Expression[]): string {
    return `m.callValue(${JSON.stringify(name)}, ${value}, [${args.join(', ')}], ${this.tables.site(span, expressions)})`;
  }

  #emitVisible(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return literal(expression.value);
      case 'variable': {
        if (expression.name === 'nil') return 'null';
        const known = this.#unit.known(expression.name);
        if (known !== undefined) return known;
        const value = this.#unit.temporary();
        const cell = this.tables.cell(expression.name);
        this.#unit.put(`const ${value} = ${this.#read(expression.name)}; if (${value} === undefined) m.unknown(${cell}, ${this.tables.site(expression.span)});`);
        return value;
      }
      case 'attribute': {
        const site = this.tables.site(expression.span);
        const { root, cell } = this.#root(expression);
        return this.#unit.keep(`field(m, ${root}, ${cell}, ${this.tables.field(expression.attribute)}, ${site})`);
      }
      case 'if':
        return this.#choice(
          this.#truth(expression.condition),
          () => this.#emit(expression.consequent),
          () => this.#emit(expression.alternative),
        );
      case 'logic':
        return this.#logic(expression.operator, expression.args);
      case 'block':
        return this.#sequence(expression.body);
      case 'let':
        return this.#let(expression);
      case 'with':
        return this.#with(expression);
      case 'define':
        return this.#define(expression);
      case 'defvar':
        return this.#defvar(expression.name, this.#emit(expression.value));
      case 'assign': {
        const site = this.tables.site(expression.span);
        return this.#unit.keep(`m.assign(${this.tables.cell(expression.name)}, ${this.#emit(expression.value)}, ${site})`);
      }
      case 'apply':
        return this.#apply(expression);
      case 'call':
        return this.#call(expression);
      case 'method':
        return this.#method(expression);
      case 'malformed':
        return this.#unit.keep(`fail(${this.tables.constant(expression.fault)}, ${this.tables.site(expression.span)})`);
      default:
        return unreachable(expression);
    }
  }

  #sequence(body: readonly Expression[]): string {
    let last = 'null';
    for (const expression of body) last = this.#emit(expression);
    return last;
  }

  /** An expression as a JavaScript condition. */
  #truth(expression: Expression): string {
    if (expression.kind === 'apply' && expression.builtin.name === 'not' && !mayBeHidden('not', this.#names)) {
      return `!${this.#truth(expression.args[0] as Expression)}`;
    }
    return this.#unit.condition(this.#emit(expression));
  }

  /** What `root.` stands for: the innermost value, undefined when there is none. */
  #root(expression: Attribute): { readonly root: string; readonly cell: string } {
    const cell = this.tables.cell(expression.root);
    return { root: this.#unit.known(expression.root) ?? this.#read(expression.root), cell };
  }

  #logic(operator: 'and' | 'or', args: readonly Expression[]): string {
    const unit = this.#unit;
    const result = unit.temporary();
    const skipped: ReadonlySet<string>[] = [];
    args.forEach((argument, index) => {
      if (index === 0) {
        const first = this.#emit(argument);
        unit.put(`let ${result} = ${first};`);
        return;
      }
      const undecided = operator === 'and' ? `isTrue(${result})` : `!isTrue(${result})`;
      if (this.#names.hasEffect(argument)) {
        const value = this.#emit(argument);
        unit.put(`if (${undecided}) ${result} = ${value};`);
        return;
      }
      unit.put(`if (${undecided}) {`);
      skipped.push(unit.branch(() => unit.put(`${result} = ${this.#emit(argument)};`)));
      unit.put('}');
    });
    unit.forget(...skipped);
    return result;
  }

  #let({ bindings, body }: Let): string {
    const unit = this.#unit;
    const result = unit.temporary();
    unit.put(`let ${result}; {`);
    unit.innerScope(() => {
      for (const { name, value } of bindings) this.#defvar(name, this.#emit(value));
      unit.put(`${result} = ${this.#sequence(body)};`);
    });
    unit.put('}');
    return result;
  }

  #defvar(name: string, value: string): string {
    const unit = this.#unit;
    const known = unit.knownInScope(name);
    if (known !== undefined) return known;
    // Whether the scope has the name already is told only by the cell.
    if (unit.topLevel || unit.isUncertain(name)) this.#readThroughCell.add(name);
    if (this.#lexical.has(name)) {
      this.#know(name, value);
      return value;
    }
    const cell = this.tables.cell(name);
    if (!unit.topLevel) unit.bindsCells = true;
    // At the top level no scope hides anything: what has a value has it there. The end of the evaluation clears it.
    const result = unit.keep(
      unit.topLevel ? `${cell}.value === undefined ? (${cell}.value = ${value}) : ${cell}.value` : `m.defvar(${cell}, ${value})`,
    );
    this.#know(name, result);
    return result;
  }

  /** A scope of its own around the body of a function or a loop. */
  #body(bind: () => void, body: Expression): string {
    const unit = this.#unit;
    const result = unit.temporary();
    unit.put(`let ${result};`);
    unit.openClose(() => {
      bind();
      unit.put(`${result} = ${this.#emit(body)};`);
    });
    return result;
  }

  #with({ list, variable, body, span }: With): string {
    const site = this.tables.site(span);
    const items = this.#emit(list);
    const unit = this.#function(['a0'], false, () => this.#body(() => this.#bind(variable, 'a0'), body));
    return this.#unit.keep(`m.each(${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  #bind(name: string, value: string): void {
    if (!this.#lexical.has(name)) {
      this.#unit.bindsCells = true;
      this.#unit.put(`m.bind(${this.tables.cell(name)}, ${value});`);
    }
    this.#know(name, value);
  }

  #define({ name, parameters, body }: Define): string {
    const names = Array.isArray(parameters) ? (parameters as readonly string[]) : null;
    const definition: Definition = {
      name,
      arity: names ? names.length : -1,
      fault: names ? null : (parameters as Fault),
      // Filled in by the generated text, which alone can name its functions.
      code: () => null,
    };
    const constant = this.tables.constant(definition);
    if (names) this.definitions.push({ constant, unit: this.#userFunction(names, body) });
    this.#unit.put(`${this.tables.functionCell(name)}.definition = ${constant};`);
    return JSON.stringify(name);
  }

  #userFunction(names: readonly string[], body: Expression): string {
    const weight = weigh(body);
    const frames = 1 + (weight >> 5);
    // A function that calls nothing cannot recurse.
    const deep = this.#callsFunctions(body);
    return this.#function(['site', ...names.map((_, index) => `a${index}`)], false, () => {
      this.#unit.put(`m.step(${weight}, site);`);
      if (deep) this.#unit.put(`m.enter(${frames}, site);`);
      const result = this.#body(() => {
        names.forEach((name, index) => {
          // Of equal names the first counts.
          if (names.indexOf(name) === index) this.#bind(name, `a${index}`);
        });
      }, body);
      if (deep) this.#unit.put(`m.leave(${frames});`);
      return result;
    });
  }

  #callsFunctions(expression: Expression): boolean {
    const callee = calledName(expression);
    if (callee !== null && this.#names.functions.has(callee)) return true;
    return parts(expression).some((part) => this.#callsFunctions(part));
  }

  #apply({ builtin, args: expressions, span }: Apply): string {
    if (builtin.form !== 'plain') throw new Error(`${builtin.name} is a form`);
    const args = this.#emitAll(expressions);
    const site = this.tables.site(span, expressions);
    const value = this.#applied(builtin, args, site);
    return TRUTHS.has(builtin.name) ? this.#unit.keepTruth(value) : this.#unit.keep(value);
  }

  #applied(builtin: PlainBuiltin, args: readonly string[], site: number): string {
    const general = (list: readonly string[]): string => `m.callPlain(${this.tables.constant(builtin)}, [${list.join(', ')}], ${site})`;
    const onNumbers = ON_NUMBERS[builtin.name];
    const [a = '', b] = args;
    switch (builtin.name) {
      case 'not':
        return `!${this.#unit.condition(a)}`;
      case 'valid':
        return args.length === 0 ? 'true' : args.map((value) => `${value} !== null`).join(' && ');
      case 'null':
        return args.length === 0 ? 'true' : args.map((value) => `isEmpty(${value})`).join(' && ');
      case 'div':
        return `typeof ${a} === "number" && typeof ${b} === "number" && ${b} !== 0 ? ${a} / ${b} : ${general(args)}`;
      default:
        if (!onNumbers || b === undefined) return general(args);
        return args.slice(1).reduce((left, right, index) => {
          const step = `typeof ${left} === "number" && typeof ${right} === "number" ? ${onNumbers(left, right)} : ${general([left, right])}`;
          return index === args.length - 2 ? step : this.#unit.keep(step);
        }, a);
    }
  }

  #call({ name, args: expressions, span }: Call): string {
    const predefined = FUNCTION_VALUES.get(name);
    if (predefined && !mayBeHidden(name, this.#names)) {
      const args = this.#emitAll(expressions);
      const call = this.#callValue(name, this.tables.constant(predefined), args, span, expressions);
      const [a] = args;
      const onNumber = name === 'abs' && args.length === 1;
      return this.#unit.keep(onNumber ? `typeof ${a} === "number" ? (${a} < 0 ? -${a} : ${a}) : ${call}` : call);
    }
    const user = (): string => this.#userCall(name, expressions, span);
    // The variable `nil` is always nil.
    if (name === 'nil' || (!PREDEFINED.has(name) && !this.#names.bound.has(name))) return user();
    return this.#variableOr(name, expressions, span, user);
  }

  #userCall(name: string, expressions: readonly Expression[], span: Span): string {
    const args = this.#emitAll(expressions);
    const cell = this.tables.functionCell(name);
    const site = this.tables.site(span);
    const definition = this.#unit.keep(`${cell}.definition`);
    const call = `${definition}.code(${['m', site, ...args].join(', ')})`;
    return this.#unit.keep(`${definition} !== null && ${definition}.arity === ${args.length} ? ${call} : m.cannotCall(${cell}, ${args.length}, ${site})`);
  }

  #method({ callee, args: expressions, span }: MethodCall): string {
    const method = METHODS.get(callee.attribute);
    const args = this.#emitAll(expressions);
    const site = this.tables.site(span, expressions);
    const { root, cell } = this.#root(callee);
    const common = `${root}, ${cell}, ${this.tables.field(callee.attribute)}, ${this.tables.functionCell(callee.name)}`;
    if (!method) return this.#unit.keep(`m.callAttribute(${common}, [${args.join(', ')}], ${site})`);
    return this.#unit.keep(this.#methodCall(method, common, expressions, args, site));
  }

  #methodCall(method: Method, common: string, expressions: readonly Expression[], args: readonly string[], site: number): string {
    const [first] = expressions;
    if (method.name === 'Control' && args.length === 2) return `m.callControl(${common}, ${args.join(', ')}, ${site})`;
    if ((method.name === 'StatAvg' || method.name === 'Stat') && args.length === 1 && first?.kind === 'literal' && typeof first.value === 'string') {
      return `m.callStat(${method.name === 'StatAvg'}, ${common}, ${this.tables.field(first.value)}, ${site})`;
    }
    return `m.callMethod(${this.tables.constant(method)}, ${common}, [${args.join(', ')}], ${site})`;
  }
}

function literal(value: number | string | null): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Object.is(value, -0)) return '(-0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1 / 0)' : '(-1 / 0)';
  return value < 0 ? `(${value})` : String(value);
}

/** How many expressions run with this one, at most; those of a loop's body count for each turn instead. */
function weigh(expression: Expression): number {
  if (expression.kind === 'with') return 2;
  let weight = 1;
  for (const part of parts(expression)) weight += weigh(part);
  return weight;
}
