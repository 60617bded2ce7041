import { readdirSync } from 'node:fs';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { referencePage } from '../src/tooling/reference/page.ts';
import { policyTestJsonSchema } from '../src/tooling/testing/json-schema.ts';
import { withCurrentTables } from './config-docs.ts';
import { picture } from './demo-picture.ts';
import { withCurrentCode } from './shown-code.ts';
import { grammarText } from './vscode-grammar.ts';

/** A file that is written by a program, whole or in parts. */
export interface GeneratedFile {
  /** From the root of the checkout. */
  readonly path: string;
  /** Its text, given the one that it has; that is '' when there is no file. */
  readonly text: (current: string) => string | Promise<string>;
}

const REFERENCE = 'reference.md';
const pages = readdirSync(new URL('../docs', import.meta.url)).filter(
  (name) => name.endsWith('.md') && name !== REFERENCE,
);

/** What `npm run generate` writes, and what a test compares. */
export const GENERATED: readonly GeneratedFile[] = [
  { path: `docs/${REFERENCE}`, text: () => referencePage(builtinPlugins()) },
  { path: 'docs/policy-test.schema.json', text: () => policyTestJsonSchema(builtinPlugins().vocabulary) },
  { path: 'editors/vscode/syntaxes/ballast-policy.tmLanguage.json', text: grammarText },
  { path: 'docs/demo.svg', text: picture },
  ...pages.map((name) => ({
    path: `docs/${name}`,
    text: name === 'configuration.md' ? (page: string) => withCurrentCode(withCurrentTables(page)) : withCurrentCode,
  })),
];

/** The first line in which a file is not what would be written now; null when it is the same. */
export function firstDifference({ path }: GeneratedFile, found: string, expected: string): string | null {
  if (found === expected) return null;
  const [has, should] = [found.split('\n'), expected.split('\n')];
  const at = should.findIndex((line, index) => line !== has[index]);
  const line = at < 0 ? should.length : at;
  const shown = (lines: readonly string[]): string => lines[line] ?? '(the end of the file)';
  return `${path}:${line + 1} is out of date; npm run generate writes it\n  expected: ${shown(should)}\n  found:    ${shown(has)}`;
}
