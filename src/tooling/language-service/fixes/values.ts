import { readQuantity } from '../../../policy/text/quantity.ts';
import type { ListNode, Node } from '../../../policy/text/ast.ts';
import {
  change,
  edit,
  headOf,
  parentOf,
  rangeOf,
  remove,
  textOf,
  type Cure,
  type Proposal,
  type Site,
} from './site.ts';

// Cures for values and conditions.

/** `"1GiB"` where a number is wanted. */
export const unquote: Cure = (site) => {
  const { node } = site;
  if (node?.kind !== 'text') return [];
  const isNumber = readQuantity(node.value) !== null || /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(node.value);
  return isNumber ? [change(site, node.span, node.value)] : [];
};

export const percent: Cure = (site) =>
  site.node?.kind === 'number' && site.node.unit === null
    ? [change(site, site.node.span, `${textOf(site.node)}%`)]
    : [];

/** `30000` where milliseconds were meant. */
export const fromMilliseconds: Cure = (site) =>
  site.node?.kind === 'number' ? [change(site, site.node.span, `${site.node.value / 1000}s`)] : [];

export const seconds: Cure = (site) =>
  site.node?.kind === 'number' ? [change(site, site.node.span, `${textOf(site.node)}s`)] : [];

export const nil: Cure = (site) => [change(site, site, 'nil')];

/** A truth value where a number is wanted. */
export const oneOrZero: Cure = (site) =>
  site.node?.kind === 'list' ? [change(site, site.node.span, `(if ${textOf(site.node)} 1 0)`)] : [];

/** `(and CONDITION ACTION)` */
export const ifCondition: Cure = (site) =>
  site.around.flatMap((list) => {
    const [head, condition, action, ...others] = list.items;
    const name = headOf(list);
    if (!head || !condition || !action || others.length > 0 || (name !== 'and' && name !== 'or')) return [];
    const [yes, no] = name === 'and' ? [textOf(action), 'nil'] : ['nil', textOf(action)];
    return [change(site, list.span, `(if ${textOf(condition)} ${yes} ${no})`)];
  });

/** Calls that decide or write, which can be left out while a value is missing. */
const ACTION = /\.(?:Control|SetVar)$|^debug$/;

/** Tests a value that may be nil: in the condition around it, or else around the call that uses it. */
export const testNil: Cure = (site) => {
  const { node } = site;
  const text = node === null ? '\n' : textOf(node);
  if (text.includes('\n')) return [];
  // The value of a field, or the entity that has it.
  const [root = ''] = node?.kind === 'symbol' ? text.split('.') : [];
  const values = root === '' || root === text ? [text] : [text, root];
  return values.flatMap((value) => testsOf(site, `(valid ${value})`));
};

function testsOf(site: Site, test: string): readonly Proposal[] {
  const { node, source, around } = site;
  const proposals = around.flatMap((list, at) => {
    const inner = at === 0 ? node : (around[at - 1] as Node);
    if (!inner || !isCondition(list, inner, around[at + 1])) return [];
    const known = headOf(inner) === 'and' && inner.kind === 'list' ? inner.items[1] : undefined;
    const text = known
      ? `${source.text.slice(inner.span.start, known.span.start)}${test} ${source.text.slice(known.span.start, inner.span.end)}`
      : `(and ${test} ${textOf(inner)})`;
    return [{ title: `Test with ${test}`, edits: [edit(site, rangeOf(inner), text)] }];
  });
  const place = around.findIndex((list) => ACTION.test(headOf(list) ?? ''));
  const action = around[place];
  // What `and` and `or` do with an action has a message of its own.
  if (!action || /^(?:and|or)$/.test(headOf(around[place + 1]) ?? '')) return proposals;
  const guarded = `(if ${test} ${textOf(action)} nil)`;
  return [...proposals, { title: `Only if ${test}`, edits: [edit(site, rangeOf(action), guarded)] }];
}

/** Loops whose body is a condition. */
const OF_CONDITIONS: ReadonlySet<string> = new Set(['filter', 'any', 'all', 'first']);

/** Whether a part of a form is its condition. */
function isCondition(list: ListNode, inner: Node, outer: ListNode | undefined): boolean {
  const name = headOf(list) ?? '';
  const at = list.items.indexOf(inner);
  if (name === 'if') return at === 1;
  if (OF_CONDITIONS.has(name)) return at === 3 && list.items.length === 4;
  return at === 0 && headOf(outer) === 'cond' && outer?.items[0] !== list;
}

/** A parameter of the policy that a guest may have another value of. */
export const paramOfGuest: Cure = (site) => {
  const [call] = site.around;
  const root = headOf(call)?.split('.')[0];
  const name = /"([^"]+)"/.exec(site.diagnostic.message)?.[1];
  if (!call || root === undefined || name === undefined) return [];
  const reads = symbolsNamed(call, name);
  const text = `(${root}.Param "${name}")`;
  return reads.length === 0
    ? []
    : [{ title: `Change ${name} to ${text}`, edits: reads.map((each) => edit(site, rangeOf(each), text)) }];
};

function symbolsNamed(node: Node, name: string): readonly Node[] {
  if (node.kind === 'list') return node.items.flatMap((item) => symbolsNamed(item, name));
  return node.kind === 'symbol' && node.name === name ? [node] : [];
}

/** A body whose value is not used. */
export const conditionsInOne: Cure = (site) => {
  const { items, at } = parentOf(site);
  const [body, next] = [items[at], items[at + 1]];
  const isTest = OF_CONDITIONS.has(headOf(site.around[0]) ?? '') && at === items.length - 2;
  return isTest && body && next ? [change(site, rangeOf(body, next), `(and ${textOf(body)} ${textOf(next)})`)] : [];
};

export const removeIt: Cure = (site) => (site.node ? [remove(site, site.node.span)] : []);

/** A clause of `cond` or `case`; of several values of one clause only the one that is repeated. */
export const removeClause: Cure = (site) => {
  const {
    node,
    around: [list, form],
  } = site;
  const isClause = headOf(list) === 'cond' || headOf(list) === 'case';
  if (!node || !list) return [];
  if (isClause) return [remove(site, node.span)];
  return headOf(form) === 'case' && list.items[0] === node ? [remove(site, list.span)] : removeValue(site, list, node);
};

function removeValue(site: Site, list: ListNode, node: Node) {
  const next = list.items[1];
  return node === list.items[0] && next
    ? [{ ...remove(site, node.span), edits: [edit(site, { start: node.span.start, end: next.span.start }, '')] }]
    : [remove(site, node.span)];
}

/** A code in a comment, or the whole comment if it has no other. */
export const removeAllowance: Cure = (site) => {
  const { source, start, end, diagnostic } = site;
  const line = diagnostic.position?.line ?? 1;
  const from = source.lineStart(line);
  const text = source.line(line);
  const comment = text.lastIndexOf('#', start - from);
  const codes = text.slice(comment).replace(/^#\s*ballast:\s*allow\b/, '');
  if ((codes.match(/[A-Za-z0-9_-]+/g) ?? []).length === 1)
    return [remove(site, { start: from + comment, end: from + text.length })];
  const before = /,\s*$/.exec(text.slice(0, start - from))?.[0].length ?? 0;
  const behind = before > 0 ? 0 : (/^\s*,\s*/.exec(text.slice(end - from))?.[0].length ?? 0);
  return [
    {
      title: `Remove ${source.text.slice(start, end)}`,
      edits: [edit(site, { start: start - before, end: end + behind }, '')],
    },
  ];
};
