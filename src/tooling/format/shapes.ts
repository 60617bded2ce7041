import { BUILTINS, type Builtin } from '../../policy/builtins/builtins.ts';
import type { Group, Item } from './tree.ts';

/** The layout of a bracket that takes more than one line. */
export interface Shape {
  /** Number of items on the line of the opening bracket. */
  readonly head: number;
  /** Column of the other items: two columns after the bracket, under the first argument, or under the first item. */
  readonly rest: 'body' | 'argument' | 'item';
  /** As many items per line as fit, instead of one. */
  readonly fill: boolean;
  /** Index of the parameter list, -1 for none. */
  readonly parameters: number;
}

type FormKind = Builtin['form'];

/** Forms that end with bodies: number of items before the bodies, including the form's name. */
const BEFORE_BODY: Partial<Record<FormKind, number>> = {
  define: 3,
  let: 2,
  with: 3,
  loop: 3,
  fold: 5,
  'hand-out': 6,
  case: 2,
  because: 2,
  pace: 2,
  defvar: 2,
  assign: 2,
  param: 3,
};

/** Control flow forms: nested in the body of another one, each has its own lines. */
const CONTROL_FLOW: ReadonlySet<FormKind> = new Set([
  'define',
  'let',
  'with',
  'fold',
  'hand-out',
  'if',
  'cond',
  'case',
  'because',
  'pace',
  'block',
]);

/** Functions with many small arguments. */
const FILLED: ReadonlySet<string> = new Set(['debug', 'concat', 'format', 'list']);

/** Methods whose second argument is laid out as a body: `(vm.Control "name"`, with the value below. */
const BODY_METHODS: ReadonlySet<string> = new Set(['Control', 'SetVar']);

/** Arguments of longer names go below the name. */
const LONG_NAME = 24;

const ITEMS: Shape = { head: 1, rest: 'item', fill: false, parameters: -1 };

export function shapeOf(group: Group, isParameters: boolean): Shape {
  const [first] = group.items;
  if (group.open === '{') return { ...ITEMS, head: 0, rest: 'body' };
  if (!first || first.group || isParameters || !/^[A-Za-z_+\-*/<>=!]/.test(first.text))
    return { ...ITEMS, fill: group.items.every((item) => item.group === null) };
  const kind = kindOf(group);
  const before = kind === null ? undefined : BEFORE_BODY[kind];
  if (before !== undefined && group.items.length > before) {
    return { head: before, rest: 'body', fill: kind === 'param', parameters: kind === 'define' ? 2 : -1 };
  }
  if (BODY_METHODS.has(first.text.split('.', 2)[1] ?? '')) return { ...ITEMS, head: 2, rest: 'body' };
  const beside = first.text.length <= LONG_NAME;
  return { head: beside ? 2 : 1, rest: beside ? 'argument' : 'body', fill: FILLED.has(first.text), parameters: -1 };
}

/** Maximum width of a control flow form on one line. */
const CONTROL_FLOW_WIDTH = 70;

/** Whether a bracket gets several lines even if it fits on one. */
export function wantsLines(group: Group, width: number): boolean {
  const kind = kindOf(group);
  if (kind === null || !CONTROL_FLOW.has(kind)) return false;
  if (width > CONTROL_FLOW_WIDTH) return true;
  if (kind === 'cond') return group.items.length > 2;
  if (kind === 'case') return group.items.length > 3;
  const before = group.open === '{' ? 0 : kind === 'if' ? 2 : (BEFORE_BODY[kind] ?? 1);
  return group.items.slice(before).some((item) => isControlFlow(item));
}

/** The bindings of a `let` with several bindings: each gets its own line. */
export function severalBindings(group: Group): Item | null {
  const bindings = kindOf(group) === 'let' ? group.items[1] : undefined;
  return bindings?.group && bindings.group.items.length > 1 ? bindings : null;
}

function isControlFlow({ group }: Item): boolean {
  const kind = group && kindOf(group);
  return kind !== null && CONTROL_FLOW.has(kind);
}

function kindOf(group: Group): FormKind | null {
  if (group.open === '{') return 'block';
  const name = group.items[0]?.text ?? '';
  return BUILTINS.get(name)?.form ?? null;
}
