import { change, textOf, type Cure } from './site.ts';

/** The functions of other languages that have the same arguments here. */
const RENAMED: Readonly<Record<string, string>> = {
  print: 'debug',
  length: 'count',
  len: 'count',
  defparam: 'param',
  var: 'defvar',
  int: 'floor',
  function: 'def',
  foreach: 'with',
  'is-null': 'null',
  'is-nil': 'null',
  isnull: 'null',
};

/** Forms of other languages, with their arguments in the forms of this one. */
const REWRITTEN: Readonly<Record<string, (args: readonly string[]) => string | null>> = {
  when: ([condition, ...bodies]) => (bodies.length === 0 ? null : `(if ${condition} ${block(bodies)} nil)`),
  unless: ([condition, ...bodies]) => (bodies.length === 0 ? null : `(if ${condition} nil ${block(bodies)})`),
  begin: (bodies) => block(bodies),
  progn: (bodies) => block(bodies),
  do: (bodies) => block(bodies),
  return: (values) => (values.length === 1 ? (values[0] as string) : null),
  Control: ([owner, ...args]) =>
    owner !== undefined && /^[A-Za-z_]\w*$/.test(owner) ? `(${owner}.Control ${args.join(' ')})` : null,
};

function block(bodies: readonly string[]): string {
  return bodies.length === 1 ? (bodies[0] as string) : `{ ${bodies.join(' ')} }`;
}

export const foreignFunction: Cure = (site) => {
  const { node } = site;
  const [head, ...args] = node?.kind === 'list' ? node.items : [];
  if (node?.kind !== 'list' || head?.kind !== 'symbol') return [];
  const right = Object.hasOwn(RENAMED, head.name) ? RENAMED[head.name] : undefined;
  if (right !== undefined) return [change(site, head.span, right)];
  const text = Object.hasOwn(REWRITTEN, head.name) ? REWRITTEN[head.name]?.(args.map(textOf)) : null;
  return typeof text === 'string' ? [change(site, node.span, text)] : [];
};
