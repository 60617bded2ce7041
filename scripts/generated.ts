import { readdirSync } from 'node:fs';
import { builtinPlugins } from '../src/compose/plugins.ts';
import { openApiText } from '../src/control/api/openapi.ts';
import { MESSAGE_CODES, messageIndex, messagePage } from '../src/tooling/reference/message-page.ts';
import { referencePage } from '../src/tooling/reference/page.ts';
import { policyTestJsonSchema } from '../src/tooling/testing/json-schema.ts';
import { withConfigKeys, withScenarioKeys } from './config-docs.ts';
import { withCurrentMetrics } from './metrics-docs.ts';
import { picture } from './pictures/demo.ts';
import { reportScript } from './report-script.ts';
import { withCurrentCode } from './shown-code.ts';
import { grammarText } from './vscode-grammar.ts';

/** A file that is generated completely or in part. */
export interface GeneratedFile {
  /** Relative to the root of the checkout. */
  readonly path: string;
  /** Generates the text. `current` is the existing text, '' if there is no file. */
  readonly text: (current: string) => string | Promise<string>;
}

const REFERENCE = 'reference.md';
const pages = readdirSync(new URL('../docs', import.meta.url)).filter(
  (name) => name.endsWith('.md') && name !== REFERENCE,
);

const unchanged = (page: string): string => page;

/** The pages with generated tables. */
const TABLES: Readonly<Record<string, (page: string) => string>> = {
  'configuration.md': withConfigKeys,
  'metrics.md': withCurrentMetrics,
  'simulate.md': withScenarioKeys,
};

/** The files that `npm run generate` writes and a test checks. */
export const GENERATED: readonly GeneratedFile[] = [
  { path: `docs/${REFERENCE}`, text: () => referencePage(builtinPlugins()) },
  { path: 'docs/messages/README.md', text: () => messageIndex(builtinPlugins().vocabulary) },
  ...MESSAGE_CODES.map((code) => ({
    path: `docs/messages/${code}.md`,
    text: () => messagePage(code, builtinPlugins().vocabulary),
  })),
  { path: 'docs/policy-test.schema.json', text: () => policyTestJsonSchema(builtinPlugins().vocabulary) },
  { path: 'docs/openapi.json', text: openApiText },
  { path: 'editors/vscode/syntaxes/ballast-policy.tmLanguage.json', text: grammarText },
  { path: 'docs/demo.svg', text: picture },
  { path: 'src/report/script.generated.ts', text: reportScript },
  ...pages.map((name) => ({
    path: `docs/${name}`,
    text: (page: string) => withCurrentCode((TABLES[name] ?? unchanged)(page)),
  })),
];

/** A message with the first line that is out of date; null if the file is up to date. */
export function firstDifference({ path }: GeneratedFile, found: string, expected: string): string | null {
  if (found === expected) return null;
  const [foundLines, expectedLines] = [found.split('\n'), expected.split('\n')];
  const at = expectedLines.findIndex((line, index) => line !== foundLines[index]);
  const line = at < 0 ? expectedLines.length : at;
  const shown = (lines: readonly string[]): string => lines[line] ?? '(the end of the file)';
  return `${path}:${line + 1} is out of date; npm run generate writes it\n  expected: ${shown(expectedLines)}\n  found:    ${shown(foundLines)}`;
}
