import { z } from 'zod';
import { settingsGroups } from '../src/compose/config.ts';
import { configSchema } from '../src/config/schema.ts';
import { scenarioSchema } from '../src/simulation/scenario/schema.ts';
import { keyName } from '../src/yaml/key-path.ts';
import { type KeyNode, keyTree } from '../src/yaml/key-tree.ts';
import type { KeyMeta } from '../src/yaml/keys.ts';

const BEGIN = '<!-- keys: written by npm run generate, do not edit -->';
const END = '<!-- keys: end -->';

/** Returns docs/configuration.md with its tables regenerated from the config schema; the rest is unchanged. */
export function withConfigKeys(page: string): string {
  return withKeys(page, configSchema(settingsGroups()));
}

/** The same for docs/simulate.md and the keys of a scenario. */
export function withScenarioKeys(page: string): string {
  return withKeys(page, scenarioSchema);
}

function withKeys(page: string, schema: z.ZodType): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page needs the lines ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${tables(schema)}\n${page.slice(end)}`;
}

function tables(schema: z.ZodType): string {
  const root = keyTree(schema);
  return [table('Top level', '', root.keys), ...groups(root)].join('\n');
}

function groups(parent: KeyNode): string[] {
  return parent.keys
    .filter((key) => key.keys.length > 0)
    .flatMap((key) => [table(`\`${keyName(key.path)}\``, meta(key).doc, key.keys), ...groups(key)]);
}

function table(title: string, doc: string, keys: readonly KeyNode[]): string {
  const rows = keys.map(
    (key) => `| \`${key.path.at(-1)}\` | ${defaultText(key)} | ${cell(form(key))} | ${cell(meta(key).doc)} |`,
  );
  return [
    `### ${title}`,
    '',
    ...(doc === '' ? [] : [doc, '']),
    '| Key | Default | Value | Meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function form(key: KeyNode): string {
  return meta(key).form ?? `a group of keys, see [\`${keyName(key.path)}\`](#${keyName(key.path).replaceAll('.', '')})`;
}

function defaultText(key: KeyNode): string {
  const { schema } = key;
  if (schema instanceof z.ZodOptional) return 'none';
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const value: unknown = schema.def.defaultValue;
    if (Array.isArray(value)) return `\`[${value.join(', ')}]\``;
    return typeof value === 'object' ? '' : `\`${String(value)}\``;
  }
  return 'required';
}

function meta(key: KeyNode): KeyMeta {
  const { schema } = key;
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  const found = (schema.meta() ?? inner.meta()) as KeyMeta | undefined;
  if (found === undefined || found.doc === '') throw new Error(`the key ${keyName(key.path)} has no doc`);
  return found;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
