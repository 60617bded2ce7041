import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUILTINS } from '../../../src/policy/builtins/builtins.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const FORMS = [...BUILTINS.values()].filter(({ form }) => form !== 'plain').map(({ name }) => name);

describe('the colours of Neovim and Helix', () => {
  it.each([
    ['editors/neovim/syntax/ballast-policy.vim', /syntax keyword ballastForm (.*) else/, ' '],
    ['editors/helix/highlights.scm', /@keyword "\^\((.*)\)\$"/, '|'],
  ])('know all forms of the language: %s', (path, pattern, separator) => {
    const known = pattern.exec(read(path))?.[1]?.split(separator);
    expect(known?.toSorted()).toEqual(FORMS.toSorted());
    expect(read('docs/editors.md')).toContain(path.slice(0, path.lastIndexOf('/')));
  });
});
