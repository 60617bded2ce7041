import { FUNCTION_VALUES, type PlainBuiltin } from './builtins.ts';
import { Cell, FieldIndex, FunctionCell, type Definition } from './cells.ts';
import { PolicyFailure } from './catalogue.ts';
import type { Fault } from './diagnostics.ts';
import { Entity } from './entity.ts';
import { argumentsOf } from './expand.ts';
import { parts, unreachable, type Apply, type Attribute, type Call, type Define, type Expression, type Let, type MethodCall, type With } from './forms.ts';
import type { Limits } from './limits.ts';
import type { Machine } from './machine.ts';
import { METHODS, type Method } from './methods.ts';
import { mayBeHidden, type Names } from './names.ts';
import { Program, type Site } from './program.ts';
import type { SourceText, Span } from './source.ts';
import { isTrue, type Callable, type Value } from './values.ts';

/**
 * Compiles expressions to JavaScript. Each function, loop body and top-level expression of the policy becomes one function.
 *
 * The text of the generated code is made of this file's templates, of names that this file counts up (`c12`, `t3`), and of
 * number and text literals written by `JSON.stringify`. No character of a policy reaches it in any other way.
 */
export function compile(files: readonly SourceText[], expressions: readonly (readonly Expression[])[], names: Names, limits: Limits): Program {
  const compiler = new Compiler(names);
  const units = expressions.map((file) => file.map((expression) => compiler.unit(expression)));
  const { functions } = compiler.link();
  return new Program(files, limits, {
    cells: [...compiler.cells.values()],
    functions: [...compiler.functions.values()],
    fields: [...compiler.fields.values()],
    sites: compiler.sites,
    units: units.map((file) =>
      file.map(({ name, weight, site }) => ({ run: functions[name] as (machine: Machine) => Value, weight, site })),
    ),
  });
}

/** What generated code calls by name. */
const HELPERS = {
  Entity,
  isTrue,
  isEmpty: (value: Value): boolean => value === null || ((typeof value === 'string' || Array.isArray(value)) && value.length === 0),
  field(machine: Machine, root: Value | undefined, cell: Cell, field: FieldIndex, site: number): Value {
    if (root instanceof Entity) {
      const value = root.last[root.isGuest ? field.guest : field.host];
      if (value !== undefined) return value;
    }
    return machine.attribute(cell, field, site);
  },
  fail(fault: Fault, site: number): never {
    throw new PolicyFailure(fault, site);
  },
};

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

/** Names whose value a JavaScript variable of the unit holds as well. Only names that `set` never changes are here. */
type Known = Map<string, { readonly operand: string; readonly scope: number }>;

class Compiler {
  readonly cells = new Map<string, Cell>();
  readonly functions = new Map<string, FunctionCell>();
  readonly fields = new Map<string, FieldIndex>();
  readonly sites: Site[] = [];
  readonly #names: Names;
  readonly #code: string[] = [];
  readonly #constants: unknown[] = [];
  readonly #constantNames = new Map<unknown, string>();
  #unitCount = 0;

  // The unit that is being generated.
  #lines: string[] = [];
  #temporaries = 0;
  #known: Known = new Map();
  #scope = 0;
  #truths = new Set<string>();

  constructor(names: Names) {
    this.#names = names;
  }

  /** A top-level expression. */
  unit(expression: Expression): { readonly name: string; readonly weight: number; readonly site: number } {
    const name = this.#function([], () => this.#emit(expression));
    return { name, weight: weigh(expression), site: this.#site(expression.span) };
  }

  /** Turns the generated text into functions. */
  link(): { readonly functions: Readonly<Record<string, unknown>> } {
    const constants = this.#constants.map((_, index) => `const k${index} = constants[${index}];`);
    const exported = Array.from({ length: this.#unitCount }, (_, index) => `u${index}`);
    const text = [
      '"use strict";',
      `const { ${Object.keys(HELPERS).join(', ')} } = helpers;`,
      ...constants,
      ...this.#code,
      ...this.#definitions.map(({ constant, unit }) => `${constant}.code = ${unit};`),
      `return { ${exported.join(', ')} };`,
    ].join('\n');
    return { functions: new Function('helpers', 'constants', text)(HELPERS, this.#constants) as Record<string, unknown> };
  }

  readonly #definitions: { readonly constant: string; readonly unit: string }[] = [];

  // Parts of the text

  #constant(value: unknown): string {
    const known = this.#constantNames.get(value);
    if (known !== undefined) return known;
    const name = `k${this.#constants.push(value) - 1}`;
    this.#constantNames.set(value, name);
    return name;
  }

  #cell(name: string): string {
    let cell = this.cells.get(name);
    if (!cell) this.cells.set(name, (cell = new Cell(name)));
    return this.#constant(cell);
  }

  #functionCell(name: string): string {
    let cell = this.functions.get(name);
    if (!cell) this.functions.set(name, (cell = new FunctionCell(name)));
    return this.#constant(cell);
  }

  #field(name: string): string {
    let field = this.fields.get(name);
    if (!field) this.fields.set(name, (field = new FieldIndex(name)));
    return this.#constant(field);
  }

  #site(span: Span, args: readonly Expression[] = []): number {
    return this.sites.push({ span, args }) - 1;
  }

  #put(line: string): void {
    this.#lines.push(line);
  }

  #temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Keeps a value in a variable of the unit. */
  #keep(value: string): string {
    const name = this.#temporary();
    this.#put(`const ${name} = ${value};`);
    return name;
  }

  /** Generates a function of the machine and some values. */
  #function(parameters: readonly string[], body: () => string): string {
    const outer = [this.#lines, this.#temporaries, this.#known, this.#scope, this.#truths] as const;
    this.#lines = [];
    this.#temporaries = 0;
    this.#known = new Map();
    this.#scope = 0;
    this.#truths = new Set();
    const result = body();
    const name = `u${this.#unitCount++}`;
    this.#code.push(`function ${name}(${['m', ...parameters].join(', ')}) {`, ...this.#lines, `return ${result};`, '}');
    [this.#lines, this.#temporaries, this.#known, this.#scope, this.#truths] = outer;
    return name;
  }

  /** Generates code that may or may not run: what it binds is not known after it. */
  #branch(body: () => void): void {
    const before = this.#known;
    this.#known = new Map(before);
    body();
    const after = this.#known;
    this.#known = before;
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(name) !== after.get(name)) this.#forgotten.add(name);
    }
  }

  #forgotten = new Set<string>();

  /** Forgets what the branches before have bound. */
  #join(): void {
    for (const name of this.#forgotten) this.#known.delete(name);
    this.#forgotten.clear();
  }

  #know(name: string, operand: string): void {
    if (!this.#names.changed.has(name)) this.#known.set(name, { operand, scope: this.#scope });
  }

  // Expressions. Each `emit` writes statements and answers a JavaScript operand: a literal or a variable.

  #emit(expression: Expression): string {
    if ('head' in expression && expression.head !== null && mayBeHidden(expression.head, this.#names)) {
      return this.#hidden(expression.head, expression.node, expression.span, () => this.#emitVisible(expression));
    }
    return this.#emitVisible(expression);
  }

  /** A variable of a builtin's name hides the builtin while its value is not nil. */
  #hidden(head: string, node: Parameters<typeof argumentsOf>[0], span: Span, visible: () => string): string {
    const result = this.#temporary();
    const value = this.#keep(`${this.#cell(head)}.value`);
    this.#put(`let ${result}; if (${value} !== undefined && ${value} !== null) {`);
    this.#branch(() => {
      const args = argumentsOf(node).map((argument) => this.#emit(argument));
      this.#put(`${result} = m.callValue(${JSON.stringify(head)}, ${value}, [${args.join(', ')}], ${this.#site(span)});`);
    });
    this.#put('} else {');
    this.#branch(() => this.#put(`${result} = ${visible()};`));
    this.#put('}');
    this.#join();
    return result;
  }

  #emitVisible(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return literal(expression.value);
      case 'variable': {
        if (expression.name === 'nil') return 'null';
        const known = this.#known.get(expression.name);
        if (known) return known.operand;
        const value = this.#temporary();
        const cell = this.#cell(expression.name);
        this.#put(`let ${value} = ${cell}.value; if (${value} === undefined) m.unknown(${cell}, ${this.#site(expression.span)});`);
        return value;
      }
      case 'attribute': {
        const site = this.#site(expression.span);
        const { root, cell } = this.#root(expression);
        return this.#keep(`field(m, ${root}, ${cell}, ${this.#field(expression.attribute)}, ${site})`);
      }
      case 'if': {
        const result = this.#temporary();
        const condition = this.#truth(expression.condition);
        this.#put(`let ${result}; if (${condition}) {`);
        this.#branch(() => this.#put(`${result} = ${this.#emit(expression.consequent)};`));
        this.#put('} else {');
        this.#branch(() => this.#put(`${result} = ${this.#emit(expression.alternative)};`));
        this.#put('}');
        this.#join();
        return result;
      }
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
        const site = this.#site(expression.span);
        return this.#keep(`m.assign(${this.#cell(expression.name)}, ${this.#emit(expression.value)}, ${site})`);
      }
      case 'apply':
        return this.#apply(expression);
      case 'call':
        return this.#call(expression);
      case 'method':
        return this.#method(expression);
      case 'malformed':
        return this.#keep(`fail(${this.#constant(expression.fault)}, ${this.#site(expression.span)})`);
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
    return this.#isTrue(this.#emit(expression));
  }

  #isTrue(operand: string): string {
    return this.#truths.has(operand) ? operand : `isTrue(${operand})`;
  }

  /** What `root.` stands for: the innermost value, undefined when there is none. */
  #root(expression: Attribute): { readonly root: string; readonly cell: string } {
    const cell = this.#cell(expression.root);
    return { root: this.#known.get(expression.root)?.operand ?? `${cell}.value`, cell };
  }

  #logic(operator: 'and' | 'or', args: readonly Expression[]): string {
    const result = this.#temporary();
    args.forEach((argument, index) => {
      if (index === 0) {
        const first = this.#emit(argument);
        this.#put(`let ${result} = ${first};`);
        return;
      }
      const undecided = operator === 'and' ? `isTrue(${result})` : `!isTrue(${result})`;
      if (this.#names.hasEffect(argument)) {
        const value = this.#emit(argument);
        this.#put(`if (${undecided}) ${result} = ${value};`);
        return;
      }
      this.#put(`if (${undecided}) {`);
      this.#branch(() => this.#put(`${result} = ${this.#emit(argument)};`));
      this.#put('}');
    });
    this.#join();
    return result;
  }

  #let(expression: Let): string {
    const outer = [this.#known, this.#scope] as const;
    this.#known = new Map(this.#known);
    this.#scope = ++this.#scopes;
    const result = this.#temporary();
    const top = this.#temporary();
    this.#put(`let ${result}; { const ${top} = m.top; m.depth++;`);
    for (const { name, value } of expression.bindings) this.#defvar(name, this.#emit(value));
    this.#put(`${result} = ${this.#sequence(expression.body)};`);
    this.#put(`m.depth--; m.unwind(${top}); }`);
    [this.#known, this.#scope] = outer;
    return result;
  }

  #scopes = 0;

  #defvar(name: string, value: string): string {
    const known = this.#known.get(name);
    if (known?.scope === this.#scope) return known.operand;
    const result = this.#keep(`m.defvar(${this.#cell(name)}, ${value})`);
    this.#know(name, result);
    return result;
  }

  #with({ list, variable, body, span }: With): string {
    const site = this.#site(span);
    const items = this.#emit(list);
    const unit = this.#function(['a0'], () => {
      this.#know(variable, 'a0');
      return this.#emit(body);
    });
    return this.#keep(`m.each(${items}, ${this.#cell(variable)}, ${unit}, ${weigh(body)}, ${site})`);
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
    const constant = this.#constant(definition);
    if (names) this.#definitions.push({ constant, unit: this.#userFunction(names, body) });
    this.#put(`${this.#functionCell(name)}.definition = ${constant};`);
    return JSON.stringify(name);
  }

  #userFunction(names: readonly string[], body: Expression): string {
    const weight = weigh(body);
    const frames = 1 + (weight >> 5);
    return this.#function(['site', ...names.map((_, index) => `a${index}`)], () => {
      const top = this.#keep('m.top');
      this.#put(`m.enter(${weight}, ${frames}, site);`);
      names.forEach((name, index) => {
        // Of equal names the first counts.
        if (names.indexOf(name) !== index) return;
        this.#put(`m.bind(${this.#cell(name)}, a${index});`);
        this.#know(name, `a${index}`);
      });
      const result = this.#emit(body);
      this.#put(`m.leave(${frames}, ${top});`);
      return result;
    });
  }

  #apply({ builtin, args: expressions, span }: Apply): string {
    if (builtin.form !== 'plain') throw new Error(`${builtin.name} is a form`);
    const args = expressions.map((argument) => this.#emit(argument));
    const site = this.#site(span, expressions);
    const value = this.#applied(builtin, args, site);
    const result = this.#keep(value);
    if (TRUTHS.has(builtin.name)) this.#truths.add(result);
    return result;
  }

  #applied(builtin: PlainBuiltin, args: readonly string[], site: number): string {
    const general = (list: readonly string[]): string => `m.callPlain(${this.#constant(builtin)}, [${list.join(', ')}], ${site})`;
    const onNumbers = ON_NUMBERS[builtin.name];
    const [a = '', b] = args;
    switch (builtin.name) {
      case 'not':
        return `!${this.#isTrue(a)}`;
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
          return index === args.length - 2 ? step : this.#keep(step);
        }, a);
    }
  }

  #call({ name, args: expressions, span }: Call): string {
    const predefined = FUNCTION_VALUES.get(name);
    if (predefined && !mayBeHidden(name, this.#names)) {
      const args = expressions.map((argument) => this.#emit(argument));
      return this.#keep(`m.callValue(${JSON.stringify(name)}, ${this.#constant(predefined satisfies Callable)}, [${args.join(', ')}], ${this.#site(span, expressions)})`);
    }
    if (name === 'nil' || (!predefined && !this.#names.bound.has(name) && name !== 'Host' && name !== 'Guests')) {
      return this.#userCall(name, expressions, span);
    }
    const result = this.#temporary();
    const value = this.#keep(`${this.#cell(name)}.value`);
    this.#put(`let ${result}; if (${value} !== undefined && ${value} !== null) {`);
    this.#branch(() => {
      const args = expressions.map((argument) => this.#emit(argument));
      this.#put(`${result} = m.callValue(${JSON.stringify(name)}, ${value}, [${args.join(', ')}], ${this.#site(span, expressions)});`);
    });
    this.#put('} else {');
    this.#branch(() => this.#put(`${result} = ${this.#userCall(name, expressions, span)};`));
    this.#put('}');
    this.#join();
    return result;
  }

  #userCall(name: string, expressions: readonly Expression[], span: Span): string {
    const args = expressions.map((argument) => this.#emit(argument));
    const cell = this.#functionCell(name);
    const site = this.#site(span);
    const definition = this.#keep(`${cell}.definition`);
    const call = `${definition}.code(${['m', site, ...args].join(', ')})`;
    return this.#keep(`${definition} !== null && ${definition}.arity === ${args.length} ? ${call} : m.cannotCall(${cell}, ${args.length}, ${site})`);
  }

  #method({ callee, args: expressions, span }: MethodCall): string {
    const method = METHODS.get(callee.attribute);
    const args = expressions.map((argument) => this.#emit(argument));
    const site = this.#site(span, expressions);
    const { root, cell } = this.#root(callee);
    const common = `${cell}, ${this.#field(callee.attribute)}, ${this.#functionCell(callee.name)}`;
    if (!method) return this.#keep(`m.callAttribute(${common}, [${args.join(', ')}], ${site})`);
    return this.#keep(this.#methodCall(method, root, common, expressions, args, site));
  }

  #methodCall(method: Method, root: string, common: string, expressions: readonly Expression[], args: readonly string[], site: number): string {
    const [first] = expressions;
    if (method.name === 'Control' && args.length === 2) return `m.callControl(${root}, ${common}, ${args.join(', ')}, ${site})`;
    if ((method.name === 'StatAvg' || method.name === 'Stat') && args.length === 1 && first?.kind === 'literal' && typeof first.value === 'string') {
      return `m.callStat(${method.name === 'StatAvg'}, ${root}, ${common}, ${this.#field(first.value)}, ${site})`;
    }
    return `m.callMethod(${this.#constant(method)}, ${root}, ${common}, [${args.join(', ')}], ${site})`;
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
