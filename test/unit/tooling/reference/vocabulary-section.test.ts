import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { layoutOf, type FieldDecl, type FieldValue } from '../../../../src/model/field.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../../src/policy/index.ts';
import { controlUse, fieldUse } from '../../../../src/tooling/reference/use.ts';

const { vocabulary } = builtinPlugins();

/** The value and the requests of an expression, with the field set to that value; there must be no diagnostics. */
function run(
  policy: string,
  fields: { readonly host?: Record<string, FieldValue>; readonly guest?: Record<string, FieldValue> },
) {
  const { program, diagnostics } = loadPolicy([{ file: 'use', text: policy }], { vocabulary });
  expect(diagnostics).toEqual([]);
  const layout = (values = {}) => layoutOf(Object.keys(values));
  const view = (values = {}) => ({ props: {}, samples: [Object.values<FieldValue>(values)], times: [0] });
  const input = {
    timeMs: 0,
    hostLayout: layout(fields.host),
    guestLayout: layout(fields.guest),
    host: view(fields.host),
    guests: [{ name: 'vm', uuid: 'u', ...view(fields.guest) }],
  };
  const { results, decision } = evaluate(program!, input, EMPTY_MEMORY, { collectResults: true });
  expect(decision.errors).toEqual([]);
  return { value: results.at(-1), requests: decision.requests };
}

/** The example values, converted to the unit of the field. */
const IN_UNIT: Readonly<Record<string, number>> = {
  KiB: 1048576,
  bytes: 1073741824,
  pages: 1000,
  s: 30,
  ms: 20,
  us: 100,
  '%': 20,
  ratio: 0.2,
  count: 2,
  'per second': 10,
  'KiB/pages': 4,
  none: 1,
};

function meets({ type, unit, example, holds }: FieldDecl): FieldValue {
  if (holds === 'disks') return '[{"name":"vda"}]';
  if (holds === 'nodes') return '[]';
  if (type === 'boolean') return true;
  if (type === 'string') return JSON.parse(example ?? '""') as string;
  return example === undefined ? IN_UNIT[unit]! : Number(example);
}

describe('the examples of the fields', () => {
  it.each(vocabulary.hostFields.map((field) => [field.name, field] as const))('Host.%s', (name, field) => {
    const use = fieldUse(field, 'Host');
    expect(run(use, { host: { [name]: meets(field) } }).value).toBe(true);
    const below = meets(field);
    if (typeof below === 'number') expect(run(use, { host: { [name]: below * 0.99 } }).value).toBe(false);
    if (field.optional) expect(run(use, { host: { [name]: null } }).value).toBe(false);
  });

  it.each(vocabulary.guestFields.map((field) => [field.name, field] as const))('vm.%s', (name, field) => {
    const use = `(with Guests vm ${fieldUse(field, 'vm')})`;
    expect(run(use, { guest: { [name]: meets(field) } }).value).toEqual([true]);
    if (field.optional) expect(run(use, { guest: { [name]: null } }).value).toEqual([false]);
  });
});

describe('the examples of the controls', () => {
  it.each(vocabulary.controls.map((control) => [control.name, control] as const))('%s', (name, control) => {
    const use = controlUse(control);
    const { requests } = run(control.scope === 'host' ? use : `(with Guests vm ${use})`, {});
    expect(requests).toMatchObject([
      { name, value: control.example === undefined ? IN_UNIT[control.unit] : (JSON.parse(control.example) as string) },
    ]);
  });
});
