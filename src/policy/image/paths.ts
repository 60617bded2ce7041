import type { Define, Expression } from '../forms/forms.ts';
import { parts } from '../forms/parts.ts';
import type { Names } from '../forms/names.ts';
import { calledName } from '../forms/scopes.ts';

/** A condition and the value that it needs for a place to be reached. */
export interface Step {
  readonly condition: Expression;
  readonly holds: boolean;
}

/** Conditions, innermost first. They share their outer ones: a `cond` has as many places as conditions. */
interface StepChain extends Step {
  readonly outer: StepChain | null;
}

/** Conditions of a path that are followed: a reason is far shorter. */
const MAX_STEPS = 1_000;

interface CallPlace {
  /** The conditions within the function or the top level. */
  readonly steps: StepChain | null;
  readonly within: Define | null;
}

/**
 * The conditions that lead to a call, as far as they are known statically. If a function has one caller, the path to it is
 * known at compile time; if it has several, the path depends on the calling site. Only such functions are tracked at
 * run time.
 */
export class Paths {
  readonly #names: Names;
  readonly #places = new Map<Expression, CallPlace>();
  readonly #callers = new Map<string, Expression[]>();

  constructor(expressions: readonly Expression[], names: Names) {
    this.#names = names;
    for (const expression of expressions) this.#visit(expression, { steps: null, within: null });
  }

  /** The innermost enclosing function with several callers; null if there is only one path. */
  multiCallerAround(call: Expression): Define | null {
    const seen = new Set<Define>();
    let within = this.#places.get(call)?.within ?? null;
    while (within !== null && !seen.has(within)) {
      seen.add(within);
      const caller = this.#onlyCaller(within);
      if (caller === null) return within;
      within = this.#places.get(caller)?.within ?? null;
    }
    return within;
  }

  /** Whether the function has several callers. */
  hasSeveralCallers(definition: Define): boolean {
    return this.#onlyCaller(definition) === null;
  }

  /** Whether some call of a function is itself inside a function with several callers. */
  isNested({ name }: Define): boolean {
    return (this.#callers.get(name) ?? []).some((caller) => this.multiCallerAround(caller) !== null);
  }

  /** @param through the calls that entered the functions with several callers, innermost first */
  stepsTo(call: Expression, through: readonly Expression[]): readonly Step[] {
    const steps: Step[] = [];
    const open = [...through];
    for (let at: Expression | null = call, rounds = 0; at !== null && rounds < 100; rounds += 1) {
      const place: CallPlace | undefined = this.#places.get(at);
      for (let step = place?.steps ?? null; step !== null && steps.length < MAX_STEPS; step = step.outer)
        steps.push(step);
      at = place?.within ? (this.#onlyCaller(place.within) ?? open.shift() ?? null) : null;
    }
    return steps.reverse();
  }

  #onlyCaller({ name }: Define): Expression | null {
    const callers = this.#callers.get(name) ?? [];
    return callers.length === 1 && this.#names.functions.get(name)?.length === 1 ? (callers[0] as Expression) : null;
  }

  #visit(expression: Expression, place: CallPlace): void {
    const under = (condition: Expression, holds: boolean): CallPlace => ({
      ...place,
      steps: { condition, holds, outer: place.steps },
    });
    switch (expression.kind) {
      case 'if':
        this.#visit(expression.condition, place);
        this.#visit(expression.consequent, under(expression.condition, true));
        this.#visit(expression.alternative, under(expression.condition, false));
        return;
      case 'cond': {
        let reached = place;
        for (const { test, body } of expression.clauses) {
          if (test) this.#visit(test, reached);
          const steps = test ? { condition: test, holds: true, outer: reached.steps } : reached.steps;
          for (const part of body) this.#visit(part, { ...place, steps });
          if (test) reached = { ...place, steps: { condition: test, holds: false, outer: reached.steps } };
        }
        return;
      }
      case 'define':
        this.#visit(expression.body, { steps: null, within: expression });
        return;
      case 'call':
      case 'method': {
        this.#places.set(expression, place);
        const callee = calledName(expression);
        if (callee !== null && this.#names.functions.has(callee)) {
          const callers = this.#callers.get(callee);
          if (callers) callers.push(expression);
          else this.#callers.set(callee, [expression]);
        }
        break;
      }
      default:
        break;
    }
    for (const part of parts(expression)) this.#visit(part, place);
  }
}
