import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { collectors } from '../../../collectors/index.ts';
import { controllers } from '../../../controllers/index.ts';
import { UNITS } from '../../../src/model/units.ts';
import { vocabularyOf } from '../../../src/compose/policy-names.ts';

describe('the list of controllers', () => {
  it('contains every file of the folder under its own name', async () => {
    const files = (await readdir(new URL('../../../controllers', import.meta.url))).filter(
      (file) => file.endsWith('.ts') && file !== 'index.ts',
    );
    expect(controllers.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  it('assigns each control to one controller', () => {
    expect(() => vocabularyOf({ collectors, guards: [], controllers })).not.toThrow();
  });

  it('documents every control', () => {
    for (const { name, doc, source, unit, min = -Infinity, max = Infinity } of controllers.flatMap(
      ({ controls }) => controls,
    )) {
      expect(doc, name).toMatch(/^\S.{8,}[^.]$/);
      expect(source, name).not.toBe('');
      expect(UNITS).toContain(unit);
      expect(min).toBeLessThan(max);
    }
  });

  it('controls KSM only by values that the collector reads under the same name', () => {
    const fields = new Set(collectors.flatMap((collector) => collector.fields.map(({ name }) => name)));
    const knobs = controllers.find(({ name }) => name === 'ksm')!.controls.map(({ name }) => name);
    expect(knobs.filter((name) => !fields.has(name))).toEqual([]);
  });
});
