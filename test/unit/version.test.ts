import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VERSION } from '../../src/cli/version.ts';

const ROOT = join(import.meta.dirname, '../..');
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const versionIn = (file: string) => (JSON.parse(text(file)) as { version: string }).version;
const version = versionIn('package.json');

it.each(['packages/node-libvirt/package.json', 'editors/vscode/package.json', 'editors/vscode/package-lock.json'])(
  '%s has the version of package.json, as all packages are released together',
  (file) => {
    expect(versionIn(file)).toBe(version);
  },
);

it('ballast --version starts with the version of package.json', () => {
  expect(VERSION.split(' ')[0]).toBe(version);
});

it('the changelog has a section for unreleased changes and no duplicate sections', () => {
  const sections = [...text('CHANGELOG.md').matchAll(/^## \[(.+?)\]/gm)].map(([, name]) => name);
  expect(sections).toContain('Unreleased');
  expect(sections.length).toBe(new Set(sections).size);
});

it('the pages that mention the package file mention this version', () => {
  for (const file of ['README.md', 'docs/operations/install.md']) {
    const named = [...text(file).matchAll(/ballast-(\d[^ `]*)\.tgz/g)].map(([, found]) => found);
    expect(named.length, file).toBeGreaterThan(0);
    expect(new Set(named), file).toEqual(new Set([version]));
  }
});

it('the pages that mention the Debian package mention this version', () => {
  for (const file of [
    'README.md',
    'docs/operations/install.md',
    'docs/operations/upgrade.md',
    'docs/operations/ansible.md',
  ]) {
    const named = [...text(file).matchAll(/ballast_(\d[^_-]*)-/g)].map(([, found]) => found);
    expect(named.length, file).toBeGreaterThan(0);
    expect(new Set(named), file).toEqual(new Set([version]));
  }
});
