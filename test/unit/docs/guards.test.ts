import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { guards } from '../../../guards/index.ts';

it('docs/guards.md has a section for each guard, in the order in which they rule', () => {
  const page = readFileSync('docs/guards.md', 'utf8');
  const sections = [...page.matchAll(/^## (\S+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(guards.map(({ name }) => name));
});

it('docs/guards.md names the group of settings of each guard that has one', () => {
  const page = readFileSync('docs/guards.md', 'utf8');
  for (const { name, settings } of guards) {
    const section = page.split(`\n## ${name}\n`)[1]?.split('\n## ')[0];
    if (settings !== undefined) expect(section, name).toContain(`\`${settings.key}\``);
  }
});
