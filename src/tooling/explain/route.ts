import { isTrue } from '../../policy/index.ts';
import type { Expression } from '../../policy/forms/forms.ts';
import { parts } from '../../policy/forms/parts.ts';
import type { Names } from '../../policy/forms/names.ts';
import { NONE, type Frame } from '../../policy/trace/index.ts';
import type { Scene } from './scene.ts';

/** A condition on the path to an expression, and the value that it needs. */
export interface Step {
  readonly condition: Expression;
  readonly holds: boolean;
  /** The branch that the condition selects. */
  readonly then: Expression;
  /** `timing` (every, cooldown): whether it was due. */
  readonly kind: 'condition' | 'timing';
}

/** The conditions between the body of a frame and an expression in it, outermost first. */
export function stepsWithin({ table, program }: Scene, target: number, body: number): readonly Step[] {
  const steps: Step[] = [];
  for (let at = target; at !== body && (table.parents[at] as number) !== NONE;) {
    const parent = table.parents[at] as number;
    steps.unshift(...stepsInto(table.expression(parent), table.expression(at), program.names));
    at = parent;
  }
  return steps;
}

function stepsInto(parent: Expression, child: Expression, names: Names): readonly Step[] {
  const step = (condition: Expression, holds: boolean, then: Expression = child): Step => ({
    condition,
    holds,
    then,
    kind: 'condition',
  });
  switch (parent.kind) {
    case 'if':
      return child === parent.condition ? [] : [step(parent.condition, child === parent.consequent)];
    case 'cond': {
      const steps: Step[] = [];
      for (const { test, body } of parent.clauses) {
        if (test === child) return steps;
        if (body.includes(child)) return test ? [...steps, step(test, true)] : steps;
        if (test) steps.push(step(test, false));
      }
      return steps;
    }
    case 'logic':
      // An argument with side effects is evaluated whatever the arguments before it are.
      if (names.hasEffect(child)) return [];
      return parent.args
        .slice(0, parent.args.indexOf(child))
        .map((argument) => step(argument, parent.operator === 'and'));
    case 'grant':
      return child === parent.want ? [] : [step(parent, true)];
    case 'pace':
      return child === parent.duration ? [] : [{ condition: parent, holds: true, then: child, kind: 'timing' }];
    default:
      return [];
  }
}

/** The path from the top level to an expression in a frame. */
export function pathTo(
  scene: Scene,
  target: number,
  frame: Frame,
): readonly { readonly step: Step; readonly frame: Frame }[] {
  const path: { step: Step; frame: Frame }[] = [];
  let id = target;
  for (let at: Frame | null = frame; at !== null && id !== NONE; at = at.parent) {
    const here = at;
    path.unshift(...stepsWithin(scene, id, at.body).map((step) => ({ step, frame: here })));
    id = at.caller;
  }
  return path;
}

/** Whether a condition had the needed value; undefined if it was not reached. */
export function isSatisfied(scene: Scene, { condition, holds, kind }: Step, frame: Frame): boolean | undefined {
  if (kind === 'timing') {
    const ran = condition.kind === 'pace' && condition.body.some((part) => wasEvaluated(scene, part, frame));
    return ran ? true : scene.value(condition, frame) === undefined ? undefined : false;
  }
  const value = scene.value(condition, frame);
  return value === undefined ? undefined : isTrue(value) === holds;
}

/** Whether any part of an expression was evaluated. Literals do not count: the trace has no values for them. */
function wasEvaluated(scene: Scene, expression: Expression, frame: Frame): boolean {
  return (
    frame.recorded.has(scene.table.id(expression)) || parts(expression).some((part) => wasEvaluated(scene, part, frame))
  );
}
