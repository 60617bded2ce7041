import { Disk, Entity, HostNode } from './entity.ts';
import { Row } from './row.ts';
import { Callable, isList, type Value } from './values.ts';

/** A value in the syntax of the language, an entity by its name. */
export function valueText(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Entity) return value.label;
  if (value instanceof Row) return 'sample';
  if (value instanceof HostNode) return `node ${value.facts.id}`;
  if (value instanceof Disk) return `disk ${value.tuning.name}`;
  if (value instanceof Callable) return value.signature;
  return isList(value) ? `[${value.map(valueText).join(' ')}]` : String(value);
}
