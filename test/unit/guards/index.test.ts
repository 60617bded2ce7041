import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { guards } from '../../../guards/index.ts';
import { settingsGroups } from '../../../src/compose/config.ts';

describe('the list of guards', () => {
  it('contains every file of the folder under its own name', async () => {
    const files = (await readdir(new URL('../../../guards', import.meta.url))).filter(
      (file) => file.endsWith('.ts') && file !== 'index.ts',
    );
    expect(guards.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  it('describes each in one line and has it rule on something', () => {
    for (const { name, doc, relieve, beforePlan, afterPlan } of guards) {
      expect(doc, name).toMatch(/^[A-Z].{20,}[^.]$/);
      expect(relieve ?? beforePlan ?? afterPlan, name).toBeTypeOf('function');
    }
  });

  it('contains the groups of settings that the config has', () => {
    const own = guards.flatMap(({ settings }) => (settings === undefined ? [] : [settings]));
    expect(settingsGroups()).toEqual(expect.arrayContaining(own));
    for (const { doc, keys } of own) {
      expect(doc).toMatch(/\.$/);
      expect(Object.keys(keys)).not.toEqual([]);
    }
  });
});
