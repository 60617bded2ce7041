import type { Plain, PlainName } from '../builtins/builtins.ts';
import { PREDEFINED } from '../builtins/function-values.ts';
import type { Apply, Call, MethodCall } from '../forms/forms.ts';
import { FUNCTION_CALLABLES } from '../functions/function-values.ts';
import { RUNNABLE_METHODS, type RunnableMethod } from '../functions/methods.ts';
import { PLAIN_FUNCTIONS } from '../functions/plain-functions.ts';
import { mayBeHidden } from '../forms/names.ts';
import { Writer } from './writer.ts';

/** JavaScript for builtins on two plain numbers; all other operands go to the builtin itself. */
const ON_NUMBERS: Readonly<Partial<Record<PlainName, (a: string, b: string) => string>>> = {
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

const TRUTHS: ReadonlySet<PlainName> = new Set<PlainName>([
  'lt',
  'gt',
  'lte',
  'gte',
  'eq',
  'neq',
  'not',
  'null',
  'valid',
]);

/** Writes calls of builtins, user functions and methods. */
export abstract class CallWriter extends Writer {
  protected apply({ builtin, args: expressions, span }: Apply, args: readonly string[]): string {
    const site = this.tables.site(span, expressions);
    const value = this.#applied(builtin, args, site);
    return TRUTHS.has(builtin.name) ? this.unit.keepTruth(value) : this.unit.keep(value);
  }

  #applied(builtin: Plain, args: readonly string[], site: number): string {
    const general = (list: readonly string[]): string =>
      `m.callPlain(${this.tables.constant(PLAIN_FUNCTIONS[builtin.name])}, [${list.join(', ')}], ${site})`;
    const onNumbers = ON_NUMBERS[builtin.name];
    const [a = '', b] = args;
    switch (builtin.name) {
      case 'not':
        return `!${this.unit.condition(a)}`;
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
          return index === args.length - 2 ? step : this.unit.keep(step);
        }, a);
    }
  }

  protected call(call: Call): string {
    const { name, args: expressions, span } = call;
    const predefined = FUNCTION_CALLABLES.get(name);
    if (predefined && !mayBeHidden(name, this.names)) {
      const args = this.emitAll(expressions);
      const general = this.callValue(name, this.tables.constant(predefined), args, span, expressions);
      const [a] = args;
      const onNumber = name === 'abs' && args.length === 1;
      return this.unit.keep(onNumber ? `typeof ${a} === "number" ? (${a} < 0 ? -${a} : ${a}) : ${general}` : general);
    }
    // `nil` cannot hold a function.
    if (name === 'nil' || (!PREDEFINED.has(name) && !this.names.bound.has(name)))
      return this.#userCall(call, this.emitAll(expressions));
    return this.variableOr(name, expressions, span, (args) => this.#userCall(call, args));
  }

  #userCall(call: Call, args: readonly string[]): string {
    const { name, span } = call;
    const cell = this.tables.functionCell(name);
    const site = this.tables.site(span, [], call);
    const definition = this.unit.keep(`${cell}.definition`);
    const code = `${definition}.code(${['m', site, ...args].join(', ')})`;
    return this.unit.keep(
      `${definition} !== null && ${definition}.arity === ${args.length} ? ${code} : m.cannotCall(${cell}, ${args.length}, ${site})`,
    );
  }

  protected method(call: MethodCall): string {
    const { callee, args: expressions, window, span } = call;
    const method = RUNNABLE_METHODS.get(callee.attribute);
    const args = this.emitAll(expressions);
    const samples = window && `{ kind: ${JSON.stringify(window.kind)}, value: ${this.emit(window.value)} }`;
    const site = this.tables.site(span, expressions, call);
    const { root, cell } = this.root(callee);
    const common = `${root}, ${cell}, ${this.tables.field(callee.attribute)}, ${this.tables.functionCell(callee.name)}`;
    if (!method) return this.unit.keep(`m.callAttribute(${common}, [${args.join(', ')}], ${site})`);
    if (samples)
      return this.unit.keep(
        `m.callMethod(${this.tables.constant(method)}, ${common}, [${args.join(', ')}], ${samples}, ${site})`,
      );
    return this.unit.keep(this.#methodCall(method, common, call, args, site));
  }

  /** The call path to a place: null if it is known statically, otherwise the site of a call, or several. */
  #via(call: MethodCall): string {
    const around = this.paths.multiCallerAround(call);
    if (around === null) return 'null';
    const definition = this.tables.constant(this.compiledDefinition(around));
    return this.paths.isNested(around) ? `m.via(${definition})` : `${definition}.calledFrom`;
  }

  #methodCall(method: RunnableMethod, common: string, call: MethodCall, args: readonly string[], site: number): string {
    const [first] = call.args;
    if (method.name === 'Control' && args.length === 2)
      return `m.callControl(${common}, ${args.join(', ')}, ${this.#via(call)}, ${site})`;
    if (
      (method.name === 'StatAvg' || method.name === 'Stat') &&
      args.length === 1 &&
      first?.kind === 'literal' &&
      typeof first.value === 'string'
    ) {
      return `m.callStat(${method.name === 'StatAvg'}, ${common}, ${this.tables.field(first.value)}, ${site})`;
    }
    return `m.callMethod(${this.tables.constant(method)}, ${common}, [${args.join(', ')}], null, ${site})`;
  }
}
