import { METHODS } from '../builtins/methods.ts';
import { BUILTINS } from '../builtins/builtins.ts';
import { FUNCTION_VALUES } from '../builtins/function-values.ts';
import type { Expander } from './expand.ts';
import type { Define, Expression, Form } from './forms.ts';
import { bindingsOf, calledName } from './scopes.ts';
import { parts, walk } from './parts.ts';

/** Static properties of the names of a whole program. Scopes are dynamic: any file may see any name. */
export interface Names {
  /** Bound somewhere by defvar, let, with or as a parameter. */
  readonly bound: ReadonlySet<string>;
  /** Changed somewhere by set or setq. */
  readonly changed: ReadonlySet<string>;
  /** All definitions of each user function. */
  readonly functions: ReadonlyMap<string, readonly Define[]>;
  /** Whether evaluating an expression can have side effects; such an argument of `and` or `or` is never skipped. */
  hasEffect(expression: Expression): boolean;
  /** Whether calls of the function can have side effects: only those can set a control. */
  functionHasEffect(functionName: string): boolean;
  /** The arguments for a call of a variable that hides the form. */
  argumentsOf(form: Pick<Form, 'node'>): readonly Expression[];
}

/** @param all the expressions of the program, nested ones included */
export function gatherNames(all: readonly Expression[], expander: Expander): Names {
  const bound = new Set<string>();
  const changed = new Set<string>();
  const functions = new Map<string, Define[]>();
  for (const expression of all) {
    for (const { name } of bindingsOf(expression)) bound.add(name);
    switch (expression.kind) {
      // Each guest may have its own value of a parameter, so a value read outside of its loop is not valid inside.
      case 'param':
      case 'assign':
        changed.add(expression.name);
        break;
      case 'define': {
        const definitions = functions.get(expression.name);
        if (definitions) definitions.push(expression);
        else functions.set(expression.name, [expression]);
        break;
      }
      default:
        break;
    }
  }
  const effects = new Effects({ bound, changed }, functions);
  return {
    bound,
    changed,
    functions,
    hasEffect: (expression) => effects.has(expression),
    functionHasEffect: (name) => effects.functionHasEffect(name),
    argumentsOf: ({ node }) => expander.argumentsOf(node),
  };
}

/** A builtin or a predefined function that a variable may hide. */
export function mayBeHidden(name: string, names: Pick<Names, 'bound' | 'changed'>): boolean {
  return names.bound.has(name) || (FUNCTION_VALUES.has(name) && names.changed.has(name));
}

class Effects {
  readonly #names: Pick<Names, 'bound' | 'changed'>;
  /** Functions with possible side effects. */
  readonly #effective = new Set<string>();
  readonly #known: ReadonlyMap<string, readonly Define[]>;
  /** Cached, because every nested and/or asks again. */
  readonly #answers = new Map<Expression, boolean>();

  constructor(names: Pick<Names, 'bound' | 'changed'>, functions: ReadonlyMap<string, readonly Define[]>) {
    this.#names = names;
    this.#known = functions;
    this.#spread(functions);
  }

  has(expression: Expression): boolean {
    const answer = this.#answers.get(expression);
    if (answer !== undefined) return answer;
    const found = this.#direct(expression) || parts(expression).some((part) => this.has(part));
    this.#answers.set(expression, found);
    return found;
  }

  functionHasEffect(functionName: string): boolean {
    return this.#effective.has(functionName);
  }

  /** Marks all direct and indirect callers of functions with side effects. */
  #spread(functions: ReadonlyMap<string, readonly Define[]>): void {
    const callers = new Map<string, string[]>();
    const queue: string[] = [];
    const effective = (name: string): void => {
      if (this.#effective.has(name)) return;
      this.#effective.add(name);
      queue.push(name);
    };
    for (const [caller, definitions] of functions) {
      for (const { body } of definitions) {
        walk(body, (expression) => {
          if (this.#direct(expression)) effective(caller);
          const callee = calledName(expression);
          if (callee === null || !functions.has(callee)) return;
          const list = callers.get(callee);
          if (list) list.push(caller);
          else callers.set(callee, [caller]);
        });
      }
    }
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const caller of callers.get(name) ?? []) effective(caller);
    }
  }

  #direct(expression: Expression): boolean {
    switch (expression.kind) {
      case 'define':
      case 'defvar':
      case 'assign':
      case 'param':
      case 'malformed':
      // These store the time of their evaluation.
      case 'held':
      case 'pace':
        return true;
      case 'call': {
        if (mayBeHidden(expression.name, this.#names)) return true;
        const predefined = FUNCTION_VALUES.get(expression.name);
        if (predefined) return predefined.effect;
        return !this.#known.has(expression.name) || this.#effective.has(expression.name);
      }
      case 'method': {
        const { name, attribute } = expression.callee;
        return METHODS.get(attribute)?.effect !== false || this.#effective.has(name);
      }
      case 'literal':
      case 'variable':
      case 'attribute':
        return false;
      default:
        return BUILTINS.has(expression.head) && mayBeHidden(expression.head, this.#names);
    }
  }
}
