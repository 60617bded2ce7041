import type { Node } from '../text/ast.ts';
import { CallWriter } from './call-writer.ts';
import type {
  Because,
  Carried,
  Clause,
  Define,
  Expression,
  Grant,
  Held,
  Let,
  Loop,
  Pace,
  Param,
  With,
} from '../forms/forms.ts';
import { beforeLoop, parts } from '../forms/parts.ts';
import { calledName } from '../forms/scopes.ts';
import { oneLine } from '../text/one-line.ts';
import { literal } from './literal.ts';
import { weigh } from './weight.ts';

/** The parameter of a loop's function for what the element before has passed on. */
const CARRIED = 'a1';

/** Writes forms: branches, scopes, loops and definitions. */
export abstract class FormWriter extends CallWriter {
  /** The units that implement definitions. */
  readonly definitions: { readonly constant: string; readonly unit: string }[] = [];
  /** Number of occurrences of each `every` and `cooldown` text. */
  readonly #paces = new Map<string, number>();

  protected logicForm(operator: 'and' | 'or', args: readonly Expression[]): string {
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

  protected letForm({ bindings, body }: Let): string {
    const unit = this.unit;
    const result = unit.temporary();
    unit.put(`let ${result}; {`);
    unit.innerScope(() => {
      for (const { name, value } of bindings) this.defvarForm(name, this.emit(value));
      unit.put(`${result} = ${this.sequence(body)};`);
    });
    unit.put('}');
    return result;
  }

  protected defvarForm(name: string, value: string): string {
    const unit = this.unit;
    const known = unit.knownInScope(name);
    if (known !== undefined) return known;
    // Only the cell shows whether the scope already has the name.
    if (unit.topLevel || unit.isUncertain(name)) this.readThroughCell.add(name);
    if (this.lexical.has(name)) {
      this.know(name, value);
      return value;
    }
    const cell = this.tables.cell(name);
    if (!unit.topLevel) unit.bindsCells = true;
    // At the top level nothing is shadowed, so nothing needs restoring. The end of the evaluation clears it.
    const result = unit.keep(
      unit.topLevel
        ? `${cell}.value === undefined ? (${cell}.value = ${value}) : ${cell}.value`
        : `m.defvar(${cell}, ${value})`,
    );
    this.know(name, result);
    return result;
  }

  protected withForm({ list, variable, body, span }: With): string {
    const site = this.tables.site(span);
    const items = this.emit(list);
    const unit = this.unitFunction(['a0'], false, () => this.body(() => this.bind(variable, 'a0'), body, 'a0'));
    return this.unit.keep(`m.each(${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  protected loopForm(loop: Loop): string {
    const { operation, list, each, carried, span } = loop;
    const site = this.tables.site(span, carried ? [carried.initial] : []);
    if (each && carried)
      return this.#carryingLoop(operation === 'fold' ? 'fold' : 'handOut', loop, each, carried, site);
    const finish = this.tables.constant(operation);
    const items = this.emit(list);
    if (!each) return this.unit.keep(`m.loopBare(${finish}, ${items}, ${site})`);
    const { variable, body } = each;
    const unit = this.unitFunction(['a0'], false, () => this.body(() => this.bind(variable, 'a0'), body, 'a0'));
    return this.unit.keep(`m.loop(${finish}, ${items}, ${unit}, ${weigh(body)}, ${site})`);
  }

  #carryingLoop(
    runtime: 'fold' | 'handOut',
    loop: Loop,
    { variable, body }: NonNullable<Loop['each']>,
    { name }: Carried,
    site: number,
  ): string {
    const before = this.emitAll(beforeLoop(loop));
    const unit = this.unitFunction(['a0', CARRIED], false, () =>
      this.body(
        () => {
          this.bind(variable, 'a0');
          if (name !== null) this.bind(name, CARRIED);
        },
        body,
        'a0',
      ),
    );
    return this.unit.keep(`m.${runtime}(${before.join(', ')}, ${unit}, ${weigh(body)}, ${site})`);
  }

  protected grantForm({ want, name, body, span }: Grant): string {
    const unit = this.unit;
    const given = unit.keep(`m.grant(${this.emit(want)}, ${CARRIED}, ${this.tables.site(span, [want])})`);
    unit.put(`if (${given} > 0) {`);
    const bound = unit.branch(() =>
      unit.innerScope(() => {
        this.bind(name, given);
        this.emit(body);
      }),
    );
    unit.put('}');
    unit.forget(bound);
    return given;
  }

  protected condForm([clause, ...rest]: readonly Clause[]): string {
    if (!clause) return 'null';
    const { test, body } = clause;
    if (!test) return this.sequence(body);
    if (body.length > 0)
      return this.choice(
        this.truth(test),
        () => this.sequence(body),
        () => this.condForm(rest),
      );
    const value = this.emit(test);
    return this.choice(
      this.unit.condition(value),
      () => value,
      () => this.condForm(rest),
    );
  }

  protected becauseForm({ reason, body, span }: Because): string {
    const text = this.emit(reason);
    const outer = this.unit.keep(`m.because(${text}, ${this.tables.site(span)})`);
    const result = this.unit.keep(this.sequence(body));
    this.unit.put(`m.reason = ${outer};`);
    return result;
  }

  protected paramForm({ name, value }: Param): string {
    const cell = this.tables.cell(name);
    this.readThroughCell.add(name);
    const byDefault = literal(value.value);
    const current = `m.params === null ? ${byDefault} : m.parameter(m.params, ${cell}, ${byDefault})`;
    return this.unit.keep(`${cell}.value === undefined ? (${cell}.value = ${current}) : ${cell}.value`);
  }

  protected heldForm({ key, condition, duration, span }: Held): string {
    this.hasTimers = true;
    const [name, holds, seconds] = this.emitAll([key, condition, duration]);
    return this.unit.keepTruth(
      `m.heldFor(${name}, ${this.unit.condition(holds as string)}, ${seconds}, ${this.tables.site(span)})`,
    );
  }

  protected paceForm({ mode, duration, body, node, span }: Pace): string {
    this.hasTimers = true;
    const site = this.tables.site(span);
    const key = this.tables.constant(this.#paceKey(node));
    const seconds = this.emit(duration);
    const requestsBefore = mode === 'cooldown' ? this.unit.keep('m.journal.requestCount') : null;
    return this.choice(
      `m.isDue(${key}, ${seconds}, ${site})`,
      () => {
        if (requestsBefore === null) this.unit.put(`m.ran(${key}, ${site});`);
        const result = this.sequence(body);
        if (requestsBefore !== null)
          this.unit.put(`if (m.journal.requestCount > ${requestsBefore}) m.ran(${key}, ${site});`);
        return result;
      },
      () => 'null',
    );
  }

  /** The key for the time of the last run. It depends only on the form's text, so that it survives a reload. */
  #paceKey(node: Node): string {
    const text = oneLine(node);
    const nth = (this.#paces.get(text) ?? 0) + 1;
    this.#paces.set(text, nth);
    return `${text.slice(1, 24)} ${hash(text)}${nth === 1 ? '' : `-${nth}`}`;
  }

  protected defineForm(define: Define): string {
    const { name, parameters, body } = define;
    const constant = this.tables.constant(this.compiledDefinition(define));
    const watched = this.names.functionHasEffect(name) && this.paths.hasSeveralCallers(define) ? constant : null;
    if (Array.isArray(parameters))
      this.definitions.push({ constant, unit: this.#userFunction(parameters as readonly string[], body, watched) });
    this.unit.put(`${this.tables.functionCell(name)}.definition = ${constant};`);
    return JSON.stringify(name);
  }

  /** @param watched the definition, if it must record the call through which it was entered */
  #userFunction(names: readonly string[], body: Expression, watched: string | null): string {
    const weight = weigh(body);
    const frames = 1 + (weight >> 5);
    // A function that calls nothing cannot recurse.
    const deep = this.#callsFunctions(body);
    return this.unitFunction(['site', ...names.map((_, index) => `a${index}`)], false, () => {
      this.unit.put(`m.step(${weight}, site);`);
      if (deep) this.unit.put(`if ((m.calls += ${frames}) > m.maxCalls) m.tooDeep(site);`);
      const result = this.unit.temporary();
      this.unit.put(`let ${result};`);
      if (watched !== null) this.unit.put(`const from = ${watched}.calledFrom; ${watched}.calledFrom = site;`);
      // An error that drops one guest's decisions may end an inner call while the outer call continues.
      if (watched !== null && deep) this.unit.put('try {');
      const value = this.body(
        () => {
          names.forEach((name, index) => {
            // The first of duplicate names wins.
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

/** FNV-1a, 32 bits, in hex. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
