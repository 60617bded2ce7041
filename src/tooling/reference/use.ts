import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import type { Unit } from '../../model/units.ts';

/** A typical number of each unit, as written in a policy. */
const NUMBERS: Readonly<Record<Unit, string>> = {
  KiB: '1GiB',
  bytes: '1GiB',
  pages: '1000',
  'KiB/pages': '4',
  s: '30s',
  ms: '20ms',
  us: '100us',
  '%': '20%',
  ratio: '20%',
  count: '2',
  'per second': '10',
  none: '1',
};

/** How a policy tests the field: a condition, with a guard if the field may be nil. */
export function fieldUse(
  { name, type, unit, optional, example, holds }: FieldDecl,
  owner: 'Host' | 'vm' | 'node',
): string {
  const field = `${owner}.${name}`;
  if (holds !== undefined) return `(valid ${field})`;
  const test =
    type === 'boolean'
      ? field
      : type === 'string'
        ? `(== ${field} ${example ?? '""'})`
        : `(>= ${field} ${example ?? NUMBERS[unit]})`;
  return optional ? `(and (valid ${field}) ${test})` : test;
}

/** How a policy sets the control. */
export function controlUse({ name, scope, type, unit, example }: ControlDecl): string {
  const value = example ?? (type === 'number' ? NUMBERS[unit] : '""');
  return `(${scope === 'host' ? 'Host' : 'vm'}.Control "${name}" ${value})`;
}
