import type { Define, Expression, Loop } from './forms.ts';
import { NODE_GUESTS, NODES_FIELD } from '../../model/numa-nodes.ts';
import { beforeLoop, parts } from './parts.ts';

// The scope rules for single expressions: which names an expression binds, where they are visible in its text,
// and which names it reads and calls. All analyses of names use them.

/** A name that an expression binds. */
export interface Binding {
  readonly name: string;
  /** `element`: a loop element. `parameter`: of a function. */
  readonly by: 'let' | 'element' | 'defvar' | 'param' | 'parameter';
  /** Its value, or the list of its elements. null: passed by a call, or computed by the form. */
  readonly value: Expression | null;
}

const NO_BINDINGS: readonly Binding[] = [];

/** The names that an expression itself binds, excluding its parts, in order. */
export function bindingsOf(expression: Expression): readonly Binding[] {
  switch (expression.kind) {
    case 'let':
      return expression.bindings.map(({ name, value }) => ({ name, by: 'let', value }));
    case 'with':
      return [{ name: expression.variable, by: 'element', value: expression.list }];
    case 'loop':
      return loopBindings(expression);
    case 'grant':
      return [{ name: expression.name, by: 'let', value: null }];
    case 'defvar':
    case 'param':
      return [{ name: expression.name, by: expression.kind, value: expression.value }];
    case 'define':
      return parametersOf(expression).map((name) => ({ name, by: 'parameter', value: null }));
    default:
      return NO_BINDINGS;
  }
}

function loopBindings({ list, each, carried }: Loop): readonly Binding[] {
  if (!each) return NO_BINDINGS;
  const element: Binding = { name: each.variable, by: 'element', value: list };
  const name = carried?.name ?? null;
  return name === null ? [element] : [element, { name, by: 'let', value: null }];
}

/** The parameters of a function; none if they are malformed. */
export function parametersOf({ parameters }: Define): readonly string[] {
  return Array.isArray(parameters) ? (parameters as readonly string[]) : [];
}

/** A part of an expression, and the names that the expression binds for it. */
export interface ScopedPart {
  readonly part: Expression;
  readonly bound: readonly string[];
}

/** The parts that are evaluated with an expression, in order: a later binding of a `let` sees the earlier ones. */
export function scopedParts(expression: Expression): readonly ScopedPart[] {
  switch (expression.kind) {
    case 'let': {
      const names = expression.bindings.map(({ name }) => name);
      return [
        ...expression.bindings.map(({ value }, at) => ({ part: value, bound: names.slice(0, at) })),
        ...expression.body.map((part) => ({ part, bound: names })),
      ];
    }
    case 'with':
      return [
        { part: expression.list, bound: [] },
        { part: expression.body, bound: [expression.variable] },
      ];
    case 'loop': {
      const before = beforeLoop(expression).map((part) => ({ part, bound: [] }));
      const bound = loopBindings(expression).map(({ name }) => name);
      return expression.each ? [...before, { part: expression.each.body, bound }] : before;
    }
    case 'grant':
      return [
        { part: expression.want, bound: [] },
        { part: expression.body, bound: [expression.name] },
      ];
    default:
      return parts(expression).map((part) => ({ part, bound: [] }));
  }
}

/** The variable that an expression itself reads, excluding its parts; the first part of a dotted name. */
export function variableRead(expression: Expression): string | null {
  switch (expression.kind) {
    case 'variable':
      return expression.name;
    case 'attribute':
      return expression.root;
    case 'method':
      return expression.callee.root;
    default:
      return null;
  }
}

/** The parameter that `(vm.Param "NAME")` reads. */
export function paramRead(expression: Expression): string | null {
  if (expression.kind !== 'method' || expression.callee.attribute !== 'Param') return null;
  const [name] = expression.args;
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : null;
}

/** The name of the user function that an expression may call. */
export function calledName(expression: Expression): string | null {
  if (expression.kind === 'call') return expression.name;
  return expression.kind === 'method' ? expression.callee.name : null;
}

const NO_FUNCTIONS: readonly Define[] = [];

/** The definitions of the user function that an expression may call. */
export function calledFunctions(
  expression: Expression,
  functions: ReadonlyMap<string, readonly Define[]>,
): readonly Define[] {
  const name = calledName(expression);
  return (name === null ? undefined : functions.get(name)) ?? NO_FUNCTIONS;
}

/** Whether the elements of a list are NUMA nodes of the host. */
export function isListOfNodes(list: Expression): boolean {
  if (list.kind === 'loop' && (list.operation === 'filter' || list.operation === 'sort'))
    return isListOfNodes(list.list);
  if (list.kind === 'apply' && list.builtin.name === 'default') return list.args.slice(0, 1).every(isListOfNodes);
  return list.kind === 'attribute' && list.root === 'Host' && list.attribute === NODES_FIELD;
}

/** Whether the elements of a list are guests. */
export function isListOfGuests(list: Expression): boolean {
  if (list.kind === 'loop' && (list.operation === 'filter' || list.operation === 'sort'))
    return isListOfGuests(list.list);
  // The guests of a node.
  if (list.kind === 'attribute' && list.attribute === NODE_GUESTS.name) return true;
  return list.kind === 'variable' && list.name === 'Guests';
}
