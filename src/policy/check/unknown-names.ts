import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import { suggest } from '../../support/suggest.ts';
import type { DeclaredNames } from './declared-names.ts';
import { OWNER_NAMES, OWNERS, type Owner } from '../values/owner.ts';

/** Names under which users look for the labels of a guest. */
const LABELS: ReadonlySet<string> = new Set(['label', 'labels', 'tag', 'tags']);

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

/** The fault for a field that none of the possible owners has. */
export function unknownField(declared: DeclaredNames, field: string, owners: readonly Owner[], root: string): Fault {
  const known = owners.flatMap((owner) => [...declared.fields[owner]]);
  const other = OWNERS.find((owner) => !owners.includes(owner) && declared.fields[owner].has(field));
  const [owner] = owners;
  if (owner === undefined) return catalogue.noAttribute(`${root}.${field}`, root, field, 'no entity');
  if (LABELS.has(field) && owners.includes('guest')) return catalogue.labelsAreNoField(field, root || 'GUEST');
  if (owners.some((each) => declared.props[each].has(field))) return catalogue.propIsNoField(field, root || 'ENTITY');
  const close = suggest(field, known);
  if (close === null && other) return catalogue.fieldOfOther(field, OWNER_NAMES[owner], OWNER_NAMES[other]);
  return catalogue.unknownField(field, close, owners.map((each) => OWNER_NAMES[each]).join(' or '));
}
