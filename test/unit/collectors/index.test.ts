import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { collectors } from '../../../collectors/index.ts';
import { UNITS } from '../../../src/model/units.ts';
import { vocabularyOf } from '../../../src/compose/policy-names.ts';
import type { FieldValues } from '../../../src/plugin/collector.ts';
import { reading } from '../../support/builders.ts';
import { contextOf, fixtureHost, NEVER_ABORTED, type Tree } from '../../support/kernel.ts';

describe('the list of collectors', () => {
  it('contains every file of the folder under its own name', async () => {
    const files = (await readdir(new URL('../../../collectors', import.meta.url))).filter(
      (file) => file !== 'index.ts',
    );
    expect(collectors.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  it('declares each name as one field', () => {
    expect(() => vocabularyOf({ collectors, guards: [], controllers: [] })).not.toThrow();
  });

  it('documents every field', () => {
    for (const { name, optional, doc, source, unit } of collectors.flatMap(({ fields }) => fields)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(typeof optional).toBe('boolean');
      expect(doc, name).toMatch(/^[A-Z0-9\p{L}].{8,}[^.]$/u);
      expect(source, name).not.toBe('');
      expect(UNITS).toContain(unit);
    }
  });

  it('names as the whole of a part only fields of the same entity and unit', () => {
    const { hostFields, guestFields } = vocabularyOf({ collectors, guards: [], controllers: [] });
    const parts = [hostFields, guestFields].flatMap((fields) =>
      fields.flatMap(({ name, unit, partOf }) =>
        partOf === undefined ? [] : [{ name, unit, whole: fields.find((field) => field.name === partOf) }],
      ),
    );
    expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['mem_free', 'balloon_cur', 'swap_usage']));
    for (const { name, unit, whole } of parts) expect(whole?.unit, name).toBe(unit);
  });

  // The engine checks mandatory fields; this test checks that a collector returns what it declares and nothing else.
  it.each(['linux-6.18', 'linux-5.10', 'bare', 'zfs'] satisfies Tree[])(
    'returns on %s what it declares',
    async (tree) => {
      const guests = [reading(1, { pid: 8986 }), reading(2, { pid: 2001 }), reading(3, { pid: null })];
      for (const collector of collectors) {
        const types = new Map(collector.fields.map(({ name, type }) => [name, type]));
        const context = contextOf(fixtureHost(tree));
        const found: FieldValues[] =
          collector.scope === 'host'
            ? [await collector.create(context).collect(NEVER_ABORTED, guests, true)]
            : await Promise.all(guests.map(async (guest) => collector.create(context).collect(guest, NEVER_ABORTED)));
        for (const [name, value] of found.flatMap(Object.entries)) {
          expect(types.has(name), `${collector.name} returns ${name}`).toBe(true);
          if (value !== null && value !== undefined) expect(typeof value, name).toBe(types.get(name));
        }
      }
    },
  );
});
