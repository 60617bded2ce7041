import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TOKEN_MODIFIERS, TOKEN_TYPES } from '../../../src/tooling/language-service/index.ts';

const FOLDER = new URL('../../../editors/vscode/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, FOLDER), 'utf8');

interface Manifest {
  readonly version: string;
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly configuration: string }[];
    readonly grammars: readonly { readonly language: string; readonly scopeName: string; readonly path: string }[];
    readonly semanticTokenScopes: readonly {
      readonly language: string;
      readonly scopes: Readonly<Record<string, unknown>>;
    }[];
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
  };
}

describe('the manifest of the VS Code extension', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const { languages, grammars, commands, configuration } = manifest.contributes;
  const code = read('src/extension.ts');

  it('has the version of Ballast', () => {
    expect(manifest.version).toBe((JSON.parse(read('../../package.json')) as { version: string }).version);
  });

  it('names existing files and the scope of the grammar', () => {
    for (const path of [...languages.map((each) => each.configuration), ...grammars.map((each) => each.path)])
      expect(existsSync(new URL(path, FOLDER)), path).toBe(true);
    expect(grammars.map(({ language, scopeName }) => [language, scopeName])).toEqual([
      [languages[0]?.id, (JSON.parse(read(grammars[0]!.path)) as { scopeName: string }).scopeName],
    ]);
  });

  it('gives scopes to tokens of the language server', () => {
    const [own] = manifest.contributes.semanticTokenScopes;
    expect(own?.language).toBe(languages[0]?.id);
    const selectors = Object.keys(own?.scopes ?? {}).map((selector) => selector.split('.'));
    expect(selectors).not.toEqual([]);
    expect(TOKEN_TYPES).toEqual(expect.arrayContaining(selectors.map(([type]) => type)));
    expect(TOKEN_MODIFIERS).toEqual(expect.arrayContaining(selectors.flatMap(([, ...modifiers]) => modifiers)));
  });

  it('declares the settings and commands that the code uses, and the README describes them', () => {
    const used = [...code.matchAll(/settings\.get\('(\w+)'/g)].map(([, name]) => `ballast.server.${name}`);
    expect(used).not.toEqual([]);
    expect(Object.keys(configuration.properties)).toEqual(expect.arrayContaining(used));
    for (const setting of Object.keys(configuration.properties)) expect(read('README.md')).toContain(setting);
    for (const { command } of commands) expect(code).toContain(`'${command}'`);
  });
});

describe('the language configuration', () => {
  const { wordPattern } = JSON.parse(read('language-configuration.json')) as { wordPattern: string };
  const words = (line: string) => line.match(new RegExp(wordPattern, 'g'));

  it('treats the parts of a dotted name, and numbers with units, as words', () => {
    expect(words('(> vm.balloon_cur 512MiB :last my-value -1.5 20%)')).toEqual([
      'vm',
      'balloon_cur',
      '512MiB',
      'last',
      'my-value',
      '-1.5',
      '20%',
    ]);
  });
});
