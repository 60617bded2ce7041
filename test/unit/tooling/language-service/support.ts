import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { PolicyProgram, type Edit, type Knowledge } from '../../../../src/tooling/language-service/index.ts';

export const knowledge: Knowledge = {
  vocabulary: builtinPlugins().vocabulary,
  limits: {},
  overrides: [
    { name: 'limit', target: { kind: 'all' }, given: '6GiB', file: '/etc/ballast/parameters.yaml' },
    { name: 'limit', target: { kind: 'label', label: 'db' }, given: '8GiB', file: '/etc/ballast/ballast.yaml' },
  ],
};

export interface Marked {
  readonly program: PolicyProgram;
  readonly file: string;
  readonly offset: number;
}

/** A program of files `a`, `b`, …, with the cursor at the `|`. */
export function marked(...texts: readonly string[]): Marked {
  const at = texts.findIndex((text) => text.includes('|'));
  const offset = texts[at]?.indexOf('|') ?? -1;
  if (offset === -1) throw new Error('no | in the texts');
  const sources = texts.map((text, index) => ({
    file: nameOf(index),
    text: index === at ? text.slice(0, offset) + text.slice(offset + 1) : text,
  }));
  return { program: new PolicyProgram(sources, knowledge), file: nameOf(at), offset };
}

function nameOf(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}

/** The texts of all files after the edits. */
export function applied(program: PolicyProgram, edits: readonly Edit[]): readonly string[] {
  return program.edited(edits).sources.map(({ text }) => text);
}
