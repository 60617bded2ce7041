import { BUILTINS } from '../builtins/builtins.ts';
import { PREDEFINED } from '../builtins/function-values.ts';
import type { Expression } from '../forms/forms.ts';
import { unreachable } from '../forms/parts.ts';
import { FormWriter } from './form-writer.ts';
import { literal } from './literal.ts';
import { weigh } from './weight.ts';

/** Weight of a unit of top-level expressions. One function each would cost a call, one for all could be too large. */
const UNIT_WEIGHT = 256;

/** Generates the JavaScript of a program. See compile.ts for what it can contain. */
export class Generator extends FormWriter {
  /** Generates functions for the top-level expressions of a file. */
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

  /** Names whose binding is statically known at every use. */
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
        // Fields are constant during an evaluation, so a unit reads each field only once.
        // A space separates the parts, because no name has one. The root's name is included because it determines further lookups of the field.
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
        return this.logicForm(expression.operator, expression.args);
      case 'block':
        return this.sequence(expression.body);
      case 'let':
        return this.letForm(expression);
      case 'cond':
        return this.condForm(expression.clauses);
      case 'with':
        return this.withForm(expression);
      case 'loop':
        return this.loopForm(expression);
      case 'grant':
        return this.grantForm(expression);
      case 'because':
        return this.becauseForm(expression);
      case 'param':
        return this.paramForm(expression);
      case 'held':
        return this.heldForm(expression);
      case 'pace':
        return this.paceForm(expression);
      case 'define':
        return this.defineForm(expression);
      case 'defvar':
        return this.defvarForm(expression.name, this.emit(expression.value));
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
}
