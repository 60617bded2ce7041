import { catalogue } from '../messages/catalogue.ts';
import { FOREIGN_FIELDS } from '../messages/foreign.ts';
import type { Fault } from '../messages/fault.ts';
import { suggest } from '../../support/suggest.ts';
import { NODE_ATTRIBUTES } from '../builtins/numa-nodes.ts';
import { type Method, METHODS } from '../builtins/methods.ts';
import type { Attribute, Expression } from '../forms/forms.ts';
import { spanText } from '../text/source.ts';
import { momName } from './mom-names.ts';
import type { DeclaredNames } from './declared-names.ts';
import { OWNER_NAMES, OWNERS, type Owner } from '../values/owner.ts';

/** Names under which users look for the labels of a guest. */
const LABELS: ReadonlySet<string> = new Set(['label', 'labels', 'tag', 'tags']);

/** The kind of name that a method expects, for messages. */
export const NAMED: Readonly<Record<Method['names'], string>> = {
  field: 'field',
  control: 'control',
  prop: 'property',
  param: 'parameter',
  variable: 'variable',
};

/** What is taken for the control of a guest's memory. */
const FOREIGN_TARGETS = /^(?:balloon_(?:cur|max|min)|balloon|memory|mem|currentMemory|memory_target)$/;

/** A literal of other languages, such as `true`; null for other names. */
export function foreignValue(name: string): Fault | null {
  switch (name.toLowerCase()) {
    case 'true':
      return catalogue.truthName(name, '1');
    case 'false':
      return catalogue.truthName(name, '0');
    case 'none':
    case 'null':
    case 'undefined':
      return catalogue.unknownName(name, 'nil', false);
    default:
      return null;
  }
}

/** `x-y`: one name, though a difference of two was meant. */
export function joinedNames(name: string, exists: (name: string) => boolean): Fault | null {
  const parts = name.split('-');
  const isKnown = (part: string): boolean => /^[0-9]+$/.test(part) || exists(part.split('.', 1)[0] ?? '');
  return parts.length === 2 && parts.every((part) => isKnown(part)) ? catalogue.joinedNames(name, parts) : null;
}

/** The fault for a field that none of the possible owners has. */
export function unknownField(
  declared: DeclaredNames,
  field: string,
  owners: readonly Owner[],
  root: string,
  full = field,
): Fault {
  const known = owners.flatMap((owner) => [...declared.fields[owner]]);
  const other = OWNERS.find((owner) => !owners.includes(owner) && declared.fields[owner].has(field));
  const [owner] = owners;
  if (owner === undefined && root === 'Guests' && declared.fields.guest.has(field))
    return catalogue.fieldOfList(root, field);
  if (owner === undefined) return catalogue.noAttribute(`${root}.${field}`, root, field, 'no entity');
  if (LABELS.has(field) && owners.includes('guest')) return catalogue.labelsAreNoField(field, root || 'GUEST');
  if (owners.some((each) => declared.props[each].has(field))) return catalogue.propIsNoField(field, root || 'ENTITY');
  const [first = '', ...rest] = field.split('-');
  if (rest.length === 1 && known.includes(first))
    return catalogue.joinedNames(full, [full.slice(0, full.indexOf('-')), ...rest]);
  const mom = momName('field', field, full, (name) => known.includes(name));
  if (mom) return mom;
  const usual = FOREIGN_FIELDS.get(field);
  const close = usual !== undefined && known.includes(usual) ? usual : suggest(field, known);
  if (close === null && other) return catalogue.fieldOfOther(field, OWNER_NAMES[owner], OWNER_NAMES[other]);
  return catalogue.unknownField(field, close, owners.map((each) => OWNER_NAMES[each]).join(' or '));
}

/** What is taken for a figure of a node, as it is called elsewhere. */
const NODE_NAMES: ReadonlyMap<string, string> = new Map([
  ...['node', 'number', 'index', 'numa_node'].map((name) => [name, 'id'] as const),
  ...['mem_free', 'free'].map((name) => [name, 'mem_unused'] as const),
  ...['mem_available', 'total', 'memory'].map((name) => [name, 'mem_total'] as const),
  ...['mem_available_estimate', 'available'].map((name) => [name, 'mem_allocatable'] as const),
  ['vms', 'guests'],
]);

/** The fault for an attribute that a NUMA node does not have. */
export function unknownOfNode(name: string): Fault {
  const close = NODE_NAMES.get(name) ?? suggest(name, [...NODE_ATTRIBUTES]);
  return catalogue.unknownField(name, close, 'a NUMA node');
}

/** The fault for a control that none of the possible owners has. */
export function unknownControl(declared: DeclaredNames, name: string, owners: readonly Owner[]): Fault {
  const owner = owners.map((each) => OWNER_NAMES[each]).join(' or ');
  // Fields of the balloon and libvirt's names of its memory.
  if (owners.includes('guest') && declared.controls.guest.has('balloon_target') && FOREIGN_TARGETS.test(name))
    return catalogue.balloonMeant(name);
  const close = suggest(
    name,
    owners.flatMap((each) => [...declared.controls[each].keys()]),
  );
  const other = OWNERS.find((each) => !owners.includes(each) && declared.controls[each].has(name));
  if (close === null && other)
    return catalogue.controlOfOther(name, owner, OWNER_NAMES[other], other === 'host' ? 'Host' : 'GUEST');
  return momName('control', name, name, () => false) ?? catalogue.unknownControl(name, close, owner);
}

export function unknownMethod(name: string): Fault {
  return (
    momName('method', name, name, () => false) ?? catalogue.unknownMethod(name, suggest(name, [...METHODS.keys()]))
  );
}

/** `(vm.balloon_cur)`, and `(vm.balloon_cur -1GiB)`, which was meant as a difference. */
export function calledField({ name, root, attribute }: Attribute, args: readonly Expression[]): Fault {
  const [first] = args;
  const text = args.length === 1 && first?.kind === 'literal' ? spanText(first.span) : '';
  return text.startsWith('-')
    ? catalogue.differenceInField(name, text.slice(1))
    : catalogue.fieldIsNoMethod(attribute, root);
}

export function unknownFunction(name: string, known: readonly string[]): Fault {
  return METHODS.has(name) ? catalogue.methodOfNobody(name) : catalogue.unknownFunction(name, suggest(name, known));
}
