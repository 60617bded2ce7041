import { METHODS } from '../../../policy/builtins/methods.ts';
import type { Node } from '../../../policy/text/ast.ts';
import { literalUnit } from '../../../policy/text/quantity.ts';
import { propsOf, fieldsOf } from '../owners.ts';
import {
  change,
  edit,
  headOf,
  insert,
  parentOf,
  rangeOf,
  remove,
  swap,
  textOf,
  type Cure,
  type Proposal,
  type Site,
} from './site.ts';

// Cures for calls: their brackets, heads and the order of their parts.

/** The parts of the list that a message is about: the list itself or the one around. */
function itemsOf({ node, around: [parent] }: Site): readonly Node[] {
  return node?.kind === 'list' ? node.items : (parent?.items ?? []);
}

/** `(A > B)`, `if A > B …`, `(<> A B)` */
export const operatorFirst: Cure = (site) => {
  const {
    around: [parent],
    start,
    source,
  } = site;
  const items = parent?.items ?? [];
  // The message about `<>` may be at either of the two.
  const from = source.text.slice(start - 1, start + 1) === '<>' ? start - 1 : start;
  const isUnequal = source.text.slice(from, from + 2) === '<>';
  const first = items.findIndex((item) => item.span.start === from);
  const last = isUnequal ? first + 1 : first;
  const sign = items[last];
  if (!parent || !sign || first < 0) return [];
  const operator = isUnequal ? '!=' : textOf(sign);
  const [a, b] = [items[first - 1], items[last + 1]];
  if (!a) return isUnequal ? [change(site, { start: from, end: from + 2 }, operator)] : [];
  if (!b) return [];
  // A unit has no slash: `100KiB/s`.
  const isRate = operator === '/' && a.span.end === start && b.kind === 'symbol' && literalUnit(b.name) !== undefined;
  const call = `(${operator} ${textOf(a)} ${isRate ? '1' : ''}${textOf(b)})`;
  const isAlone = items[0] === a && items.at(-1) === b;
  return [...(isAlone ? [change(site, parent.span, call)] : []), change(site, rangeOf(a, b), call)];
};

/** `(f)` where `f` is a value. */
export const unwrap: Cure = (site) => {
  const { node, around } = site;
  const list = node?.kind === 'list' ? node : around[0];
  if (list?.items.length !== 1) return [];
  return [change(site, list.span, textOf(list.items[0] as Node))];
};

/** `(vm.balloon_cur -1GiB)` */
export const difference: Cure = (site) => {
  const [name, number, ...others] = itemsOf(site);
  if (!name || number?.kind !== 'number' || others.length > 0 || !textOf(number).startsWith('-')) return [];
  const list = site.node?.kind === 'list' ? site.node : site.around[0];
  return list ? [change(site, list.span, `(- ${textOf(name)} ${textOf(number).slice(1)})`)] : [];
};

/** `x` in place of `(x)`, where a list is wanted. */
export const wrap: Cure = (site) =>
  site.node?.kind === 'symbol' ? [change(site, site.node.span, `(${textOf(site.node)})`)] : [];

/** `(let (a 1) …)`, `(let a 1 …)` */
export const wrapBinding: Cure = (site) => {
  const {
    node,
    around: [list, form],
  } = site;
  if (list && headOf(form) === 'let' && form?.items[1] === list) return [change(site, list.span, `(${textOf(list)})`)];
  const [, name, value] = node?.kind === 'list' && headOf(node) === 'let' ? node.items : [];
  return name?.kind === 'symbol' && value
    ? [change(site, rangeOf(name, value), `((${textOf(name)} ${textOf(value)}))`)]
    : [];
};

/** `vm.StatAvg "mem_unused" :over 5min`, without brackets. */
export const callMethod: Cure = (site) => {
  const { node } = site;
  const { items, at } = parentOf(site);
  const method = node?.kind === 'symbol' ? METHODS.get(node.name.split('.')[1] ?? '') : undefined;
  if (!node || !method) return [];
  const least = items[at + method.minArguments];
  if (!least) return [];
  let end = at + method.minArguments;
  while (items[end + 1]?.kind === 'keyword' && items[end + 2]) end += 2;
  const last = items[end] as Node;
  const call = `(${site.source.text.slice(node.span.start, last.span.end)})`;
  // In braces and in brackets, the call may be all that there is.
  return [change(site, rangeOf(node, last), call)];
};

/** A wrong number of parts, where it is clear which one is missing or too much. */
export const partsOfForm: Cure = (site) => {
  const {
    node,
    around: [parent],
  } = site;
  const proposals: Proposal[] = [];
  if (node?.kind === 'list' && headOf(node) === 'if' && node.items.length === 3)
    proposals.push(insert(site, (node.items[2] as Node).span.end, ' nil'));
  const head = headOf(parent);
  if (head === 'if' && node?.kind === 'symbol' && node.name === 'else') proposals.push(remove(site, node.span));
  const [sign, a, b, c, ...others] = parent?.items ?? [];
  if (parent && sign?.kind === 'operator' && a && b && c && others.length === 0) {
    const [, x, y, z] = [sign, a, b, c].map(textOf);
    proposals.push(change(site, parent.span, `(and (${head} ${x} ${y}) (${head} ${y} ${z}))`));
  }
  const name = parent && elementIn(parent.items.slice(2));
  if (name !== null && name !== undefined && node && parent?.items[2] === node)
    proposals.push(insert(site, node.span.start, `${name} `));
  return proposals;
};

/** The name before the first dot: `vm` of `vm.mem_unused`. */
function elementIn(nodes: readonly Node[]): string | null {
  for (const node of nodes) {
    if (node.kind === 'symbol' && /^[^.]+\../.test(node.name) && !node.name.startsWith('Host.'))
      return node.name.split('.')[0] as string;
    const inner = node.kind === 'list' ? elementIn(node.items) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/** The first parts exchanged, or the part that the message is about moved to the start. */
export const order: Cure = (site) => {
  const {
    around: [parent],
    node,
  } = site;
  const [head, a, b, c] = parent?.items ?? [];
  if (!parent || !head || !a || !b || !node) return [];
  const byKind = [a, b, c].filter((each) => each !== undefined).sort((x, y) => rank(x) - rank(y));
  const rest = parent.items.filter((each) => each !== head && each !== node);
  return [
    swap(site, a, b),
    ...(c && parent.items.length === 4 ? [change(site, rangeOf(a, c), byKind.map(textOf).join(' '))] : []),
    change(site, parent.span, `(${[head, node, ...rest].map(textOf).join(' ')})`),
  ];
};

/** `held-for` takes a text, a condition and a duration. */
function rank({ kind }: Node): number {
  return kind === 'text' ? 0 : kind === 'number' ? 2 : 1;
}

/** A field, property or control of another owner. */
export const otherOwner: Cure = (site) => {
  const {
    node,
    program: { vocabulary },
  } = site;
  if (node?.kind === 'symbol') {
    const [root = '', name = ''] = node.name.split('.');
    if (root === 'Guests') return [change(site, node.span, `(map Guests vm vm.${name})`)];
    const isOfHost = root !== 'Host' && fieldsOf(vocabulary, 'host').some((each) => each.name === name);
    if (isOfHost) return [change(site, node.span, `Host.${name}`)];
    // Of labels, one is meant.
    const isProp = name !== 'labels' && propsOf(vocabulary, root === 'Host' ? 'host' : 'guest').includes(name);
    return isProp ? [change(site, node.span, `(${root}.Prop "${name}")`)] : [];
  }
  const head = site.around[0]?.items[0];
  if (head?.kind !== 'symbol' || node?.kind !== 'text') return [];
  const [root = '', method = ''] = head.name.split('.');
  return root === 'Host' ? [] : [change(site, head.span, `Host.${method}`)];
};

/** A control that is set like a variable or called. */
export const setControl: Cure = (site) => {
  const list = site.node?.kind === 'list' ? site.node : site.around[0];
  const [name, value, ...others] = (list?.items ?? []).slice(headOf(list) === 'set' ? 1 : 0);
  if (!list || name?.kind !== 'symbol' || !value || others.length > 0) return [];
  const [root = '', control = ''] = name.name.split('.');
  return [change(site, list.span, `(${root}.Control "${control}" ${textOf(value)})`)];
};

/** `x-y`, which is one name. */
export const joinedNames: Cure = (site) => {
  const { node } = site;
  if (node?.kind !== 'symbol') return [];
  const signs = [...node.name.slice(0, 200).matchAll(/-/g)].slice(0, 4);
  return signs.map(({ index }) =>
    change(site, node.span, `(- ${node.name.slice(0, index)} ${node.name.slice(index + 1)})`),
  );
};

/** Another head for the list of the message, or the one around it. */
export const head =
  (from: string, to: string, length: number | null = null): Cure =>
  (site) =>
    [site.node, ...site.around.slice(0, 1)].flatMap((list) => {
      const first = list?.kind === 'list' ? list.items[0] : undefined;
      if (list?.kind !== 'list' || !first || headOf(list) !== from) return [];
      return length === null || list.items.length === length ? [change(site, first.span, to)] : [];
    });

/** `:down` above `:up`. */
export const bounds: Cure = (site) => {
  const items = itemsOf(site);
  const valueOf = (name: string): Node | undefined =>
    items[items.findIndex((item) => item.kind === 'keyword' && item.name === name) + 1];
  const [down, up] = [valueOf('down'), valueOf('up')];
  return down && up && headOf(site.around[0]) === 'hysteresis' ? [swap(site, down, up)] : [];
};

/** `(== (vm.Prop "labels") "db")` */
export const tagged: Cure = (site) => {
  const {
    node,
    around: [parent],
  } = site;
  const root = headOf(node)?.split('.')[0];
  const label = parent?.items.find((each) => each.kind === 'text');
  const sign = headOf(parent);
  if (!parent || root === undefined || !label || (sign !== '==' && sign !== '!=')) return [];
  const call = `(tagged ${root} ${textOf(label)})`;
  return [change(site, parent.span, sign === '==' ? call : `(not ${call})`)];
};

/** `:last 5s` */
export const windowOfTime: Cure = (site) => {
  const { items, at } = parentOf(site);
  const keyword = items[at - 1];
  return keyword?.kind === 'keyword' && keyword.name === 'last' ? [change(site, keyword.span, ':over')] : [];
};

/** A keyword that is given twice, with its value. */
export const secondKeyword: Cure = (site) => {
  const { items, at } = parentOf(site);
  const value = items[at + 1];
  return site.node && value ? [remove(site, rangeOf(site.node, value))] : [];
};

/** Bounds of a parameter that lack the unit of its default. */
export const unitOfBounds: Cure = (site) => {
  const list = site.around.find((each) => headOf(each) === 'param');
  const byDefault = list?.items[2];
  const unit = byDefault?.kind === 'number' ? byDefault.unit : null;
  if (!list || unit === null) return [];
  const plain = list.items.filter(
    (item, at) => at > 2 && item.kind === 'number' && item.unit === null && list.items[at - 1]?.kind === 'keyword',
  );
  return plain.length === 0
    ? []
    : [
        {
          title: `Write the bounds in ${unit}`,
          edits: plain.map((each) => edit(site, rangeOf(each), `${textOf(each)}${unit}`)),
        },
      ];
};
