import type { Define, Expression } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import { everythingIn } from '../forms/parts.ts';
import { bindingsOf, parametersOf } from '../forms/scopes.ts';

/**
 * Which expressions are fractions by the text, whatever their value: `2.0`, `(/ 4 2)`, and a name that only ever holds
 * such values. MOM repeats a text by whole numbers only; a number of Ballast does not know how it was written.
 */
export class Fractions {
  readonly #names: Names;
  /** All values of each name; null: one of them is not in the text, such as the element of a list. */
  readonly #values = new Map<string, Expression[] | null>();
  /** A name or function that is being looked at: its own uses in its values decide nothing. */
  readonly #open = new Set<string | Define>();

  constructor(expressions: readonly Expression[], names: Names) {
    this.#names = names;
    const all = everythingIn(expressions);
    for (const each of all) {
      for (const { name, by, value } of bindingsOf(each))
        if (by !== 'parameter') this.#note(name, by === 'element' ? null : value);
      if (each.kind === 'assign') this.#note(each.name, each.value);
      if (each.kind === 'call')
        for (const definition of names.functions.get(each.name) ?? [])
          parametersOf(definition).forEach((name, index) => this.#note(name, each.args[index] ?? null));
    }
  }

  #note(name: string, value: Expression | null): void {
    const known = this.#values.get(name);
    if (value === null || known === null) this.#values.set(name, null);
    else if (known) known.push(value);
    else this.#values.set(name, [value]);
  }

  has(expression: Expression): boolean {
    switch (expression.kind) {
      case 'literal':
        return expression.fraction;
      case 'variable':
        return this.#allOf(expression.name, this.#values.get(expression.name));
      case 'block':
      case 'let':
        return this.has(expression.body.at(-1) as Expression);
      case 'if':
        return this.has(expression.consequent) && this.has(expression.alternative);
      case 'method':
        return expression.callee.attribute === 'StatAvg';
      case 'call':
        if (expression.name === 'abs') return expression.args.some((each) => this.has(each));
        return (this.#names.functions.get(expression.name) ?? []).some((each) => this.#allOf(each, [each.body]));
      case 'apply':
        return this.#builtin(expression.builtin.name, expression.args);
      default:
        return false;
    }
  }

  #allOf(what: string | Define, values: readonly Expression[] | null | undefined): boolean {
    if (this.#open.has(what)) return true;
    if (!values) return false;
    this.#open.add(what);
    const all = values.every((each) => this.has(each));
    this.#open.delete(what);
    return all;
  }

  #builtin(name: string, args: readonly Expression[]): boolean {
    switch (name) {
      case 'div':
        return true;
      case 'add':
      case 'sub':
      case 'mul':
        return args.some((each) => this.has(each));
      case 'min':
      case 'max':
        return args.every((each) => this.has(each));
      default:
        return false;
    }
  }
}
