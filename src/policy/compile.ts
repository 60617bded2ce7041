import { BUILTINS, FUNCTION_VALUES, PREDEFINED, type PlainBuiltin } from './builtins.ts';
import { Cell, FieldIndex, FunctionCell, type Definition } from './cells.ts';
import { PolicyFailure } from './catalogue.ts';
import type { Fault } from './diagnostics.ts';
import { Entity } from './entity.ts';
import { argumentsOf } from './expand.ts';
import { parts, unreachable, type Apply, type Attribute, type Call, type Define, type Expression, type Let, type MethodCall, type With } from './forms.ts';
import type { Machine } from './machine.ts';
import { METHODS, type Method } from './methods.ts';
import { calledName, mayBeHidden, type Names } from './names.ts';
import type { Compiled, Site } from './program.ts';
import type { Span } from './source.ts';
import { isTrue, type Callable, type Value } from './values.ts';

/**
 * Compiles expressions to JavaScript. Each function, loop body and top-level expression of the policy becomes one function.
 *
 * The text of the generated code is made of this file's templates, of names that this file counts up (`c12`, `t3`), and of
 * number and text literals written by `JSON.stringify`. No character of a policy reaches it in any other way.
 */
export function compile(expressions: readonly (readonly Expression[])[], names: Names, scopes: Scopes): Compiled {
  if (scopes === 'all') return generate(expressions, new Compiler(names, new Set()));
  // A first pass finds the names that some code reads as a dynamic scope would; the others need none.
  const scout = new Compiler(names, new Set());
  for (const file of expressions) scout.file(file);
  return generate(expressions, new Compiler(names, scout.lexicalNames()));
}

/**
 * all: every binding can be seen by every function that is called under it, as the language says.
 * needed: bindings that nothing can look up that way exist only as JavaScript variables. One lookup cannot be foreseen, that
 * of an attribute which the innermost value does not have: it throws {@link NEEDS_ALL_SCOPES}.
 */
export type Scopes = 'all' | 'needed';

function generate(expressions: readonly (readonly Expression[])[], compiler: Compiler): Compiled {
  const units = expressions.map((file) => compiler.file(file));
  const functions = compiler.link();
  return {
    cells: [...compiler.cells.values()],
    functions: [...compiler.functions.values()],
    fields: [...compiler.fields.values()],
    sites: compiler.sites,
    units: units.map((file) =>
      file.map(({ name, weight, site }) => ({ run: functions[name] as (machine: Machine) => void, weight, site })),
    ),
  };
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
    return machine.attribute(root, cell, field, site);
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

/** Top-level expressions run in groups of about this many expressions: one function each would cost a call, one for all could be too large. */
const UNIT_WEIGHT = 256;

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

  /** Names that are read somewhere through their cell. */
  readonly #readThroughCell = new Set<string>();
  /** Names that need no cell. */
  readonly #lexical: ReadonlySet<string>;
  /** Names that the present scope may or may not have. */
  #uncertain = new Set<string>();
  #topLevel = false;

  constructor(names: Names, lexical: ReadonlySet<string>) {
    this.#names = names;
    this.#lexical = lexical;
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
      site: this.#site((group.expressions[0] as Expression).span),
    }));
  }

  #topLevelFunction(expressions: readonly Expression[]): string {
    return this.#function([], () => {
      this.#topLevel = true;
      this.#put('const wanted = m.results !== null;');
      for (const expression of expressions) {
        const result = this.#emit(expression);
        this.#put(`if (wanted) m.topLevel(${result}, ${this.#site(expression.span)});`);
      }
      return 'null';
    });
  }

  /** Names that are bound and never looked up but where their binding is plain to see. */
  lexicalNames(): ReadonlySet<string> {
    const { bound, changed } = this.#names;
    const seen = (name: string): boolean =>
      changed.has(name) || this.#readThroughCell.has(name) || BUILTINS.has(name) || PREDEFINED.has(name);
    return new Set([...bound].filter((name) => !seen(name)));
  }

  /** Turns the generated text into functions. */
  link(): Readonly<Record<string, unknown>> {
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
    return new Function('helpers', 'constants', text)(HELPERS, this.#constants) as Record<string, unknown>;
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
    if (!cell) this.cells.set(name, (cell = new Cell(name, this.#lexical.has(name))));
    return this.#constant(cell);
  }

  /** The innermost value of a name, whatever scope it is in. */
  #read(name: string): string {
    this.#readThroughCell.add(name);
    return `${this.#cell(name)}.value`;
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
    const outer = [this.#lines, this.#temporaries, this.#known, this.#scope, this.#truths, this.#uncertain, this.#topLevel] as const;
    this.#uncertain = new Set();
    this.#topLevel = false;
    this.#lines = [];
    this.#temporaries = 0;
    this.#known = new Map();
    this.#scope = 0;
    this.#truths = new Set();
    const result = body();
    const name = `u${this.#unitCount++}`;
    this.#code.push(`function ${name}(${['m', ...parameters].join(', ')}) {\n${this.#lines.join('\n')}\nreturn ${result};\n}`);
    [this.#lines, this.#temporaries, this.#known, this.#scope, this.#truths, this.#uncertain, this.#topLevel] = outer;
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
    for (const name of this.#forgotten) {
      this.#known.delete(name);
      this.#uncertain.add(name);
    }
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
    const value = this.#keep(this.#read(head));
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
        this.#put(`const ${value} = ${this.#read(expression.name)}; if (${value} === undefined) m.unknown(${cell}, ${this.#site(expression.span)});`);
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
    return { root: this.#known.get(expression.root)?.operand ?? this.#read(expression.root), cell };
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
    const outer = [this.#known, this.#scope, this.#uncertain, this.#topLevel] as const;
    this.#known = new Map(this.#known);
    this.#uncertain = new Set();
    this.#topLevel = false;
    this.#scope = ++this.#scopes;
    const result = this.#temporary();
    this.#put(`let ${result}; {`);
    this.#scoped(() => {
      for (const { name, value } of expression.bindings) this.#defvar(name, this.#emit(value));
      this.#put(`${result} = ${this.#sequence(expression.body)};`);
    });
    this.#put('}');
    [this.#known, this.#scope, this.#uncertain, this.#topLevel] = outer;
    return result;
  }

  /** Opens and closes a scope around code, unless the code binds nothing in it. */
  #scoped(body: () => void): void {
    const [lines, bound] = [this.#lines, this.#bindsCells] as const;
    this.#lines = [];
    this.#bindsCells = false;
    body();
    const inner = this.#lines;
    this.#lines = lines;
    if (this.#bindsCells) {
      const top = this.#temporary();
      this.#put(`const ${top} = m.top; m.depth++;`);
      for (const line of inner) this.#put(line);
      this.#put(`m.depth--; m.unwind(${top});`);
    } else {
      for (const line of inner) this.#put(line);
    }
    this.#bindsCells = bound;
  }

  /** Whether the scope that is being generated binds a name that has a cell. */
  #bindsCells = false;

  #scopes = 0;

  #defvar(name: string, value: string): string {
    const known = this.#known.get(name);
    if (known?.scope === this.#scope) return known.operand;
    // Whether the scope has the name already is told only by the cell.
    if (this.#topLevel || this.#uncertain.has(name)) this.#readThroughCell.add(name);
    if (this.#lexical.has(name)) {
      this.#know(name, value);
      return value;
    }
    const cell = this.#cell(name);
    let result: string;
    if (this.#topLevel) {
      // No scope hides anything here: what has a value has it in this scope. The end of the evaluation clears it.
      result = this.#keep(`${cell}.value === undefined ? (${cell}.value = ${value}) : ${cell}.value`);
    } else {
      this.#bindsCells = true;
      result = this.#keep(`m.defvar(${cell}, ${value})`);
    }
    this.#know(name, result);
    return result;
  }

  #with({ list, variable, body, span }: With): string {
    const site = this.#site(span);
    const items = this.#emit(list);
    const unit = this.#function(['a0'], () => {
      const result = this.#temporary();
      this.#put(`let ${result};`);
      this.#scoped(() => {
        this.#bind(variable, 'a0');
        this.#put(`${result} = ${this.#emit(body)};`);
      });
      return result;
    });
    return this.#keep(`m.each(${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  #bind(name: string, value: string): void {
    if (!this.#lexical.has(name)) {
      this.#bindsCells = true;
      this.#put(`m.bind(${this.#cell(name)}, ${value});`);
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
    const constant = this.#constant(definition);
    if (names) this.#definitions.push({ constant, unit: this.#userFunction(names, body) });
    this.#put(`${this.#functionCell(name)}.definition = ${constant};`);
    return JSON.stringify(name);
  }

  #userFunction(names: readonly string[], body: Expression): string {
    const weight = weigh(body);
    const frames = 1 + (weight >> 5);
    // A function that calls nothing cannot recurse.
    const deep = this.#callsFunctions(body);
    return this.#function(['site', ...names.map((_, index) => `a${index}`)], () => {
      const result = this.#temporary();
      this.#put(`m.step(${weight}, site);`);
      if (deep) this.#put(`m.enter(${frames}, site);`);
      this.#put(`let ${result};`);
      this.#scoped(() => {
        names.forEach((name, index) => {
          // Of equal names the first counts.
          if (names.indexOf(name) === index) this.#bind(name, `a${index}`);
        });
        this.#put(`${result} = ${this.#emit(body)};`);
      });
      if (deep) this.#put(`m.leave(${frames});`);
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
      const call = `m.callValue(${JSON.stringify(name)}, ${this.#constant(predefined satisfies Callable)}, [${args.join(', ')}], ${this.#site(span, expressions)})`;
      const [a] = args;
      const onNumber = name === 'abs' && args.length === 1;
      return this.#keep(onNumber ? `typeof ${a} === "number" ? (${a} < 0 ? -${a} : ${a}) : ${call}` : call);
    }
    if (name === 'nil' || (!PREDEFINED.has(name) && !this.#names.bound.has(name))) {
      return this.#userCall(name, expressions, span);
    }
    const result = this.#temporary();
    const value = this.#keep(this.#read(name));
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
    const common = `${root}, ${cell}, ${this.#field(callee.attribute)}, ${this.#functionCell(callee.name)}`;
    if (!method) return this.#keep(`m.callAttribute(${common}, [${args.join(', ')}], ${site})`);
    return this.#keep(this.#methodCall(method, common, expressions, args, site));
  }

  #methodCall(method: Method, common: string, expressions: readonly Expression[], args: readonly string[], site: number): string {
    const [first] = expressions;
    if (method.name === 'Control' && args.length === 2) return `m.callControl(${common}, ${args.join(', ')}, ${site})`;
    if ((method.name === 'StatAvg' || method.name === 'Stat') && args.length === 1 && first?.kind === 'literal' && typeof first.value === 'string') {
      return `m.callStat(${method.name === 'StatAvg'}, ${common}, ${this.#field(first.value)}, ${site})`;
    }
    return `m.callMethod(${this.#constant(method)}, ${common}, [${args.join(', ')}], ${site})`;
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
