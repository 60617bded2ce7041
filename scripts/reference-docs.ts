import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { builtinPlugins } from '../src/compose/plugins.ts';
import type { FieldDecl } from '../src/model/field.ts';

/** Writes docs/reference.md from the declarations of the built-in collectors and controllers: `npx tsx scripts/reference-docs.ts`. */
export const PAGE = new URL('../docs/reference.md', import.meta.url);

export function referencePage(): string {
  const { collectors, controllers } = builtinPlugins();
  const scopes = [['host', 'Fields of the host', '`Host.FIELD`'], ['guest', 'Fields of a guest', '`vm.FIELD`']] as const;
  return [
    '# Fields and controls',
    '',
    'What policies can read and set with the collectors and controllers that Ballast comes with. Written by `scripts/reference-docs.ts` from',
    'their declarations; a site\'s own plugins add to it.',
    ...scopes.flatMap(([scope, title, use]) => [
      '', `## ${title}`, '', `Read with ${use}, \`Stat\` and \`StatAvg\`. A field that is marked optional is nil where it is absent; without the others the ${scope} is not offered to the policy.`,
      ...collectors.filter((collector) => collector.scope === scope).flatMap(({ name, fields }) => ['', `### ${name}`, '', ...fieldTable(fields)]),
    ]),
    '', '## Controls', '', 'Set with `(Host.Control "NAME" VALUE)` or `(vm.Control "NAME" VALUE)`.',
    ...controllers.flatMap(({ name, controls }) => [
      '', `### ${name}`, '',
      ...table(
        ['control', 'of', 'unit', 'range', 'what it does', 'becomes'],
        controls.map((control) => [`\`${control.name}\``, control.scope, control.unit, range(control), control.doc, control.source]),
      ),
    ]),
    '',
  ].join('\n');
}

function fieldTable(fields: readonly FieldDecl[]): string[] {
  return table(
    ['field', 'unit', '', 'what it is', 'source'],
    fields.map(({ name, type, unit, optional, doc, source }) => [`\`${name}\``, type === 'number' ? unit : type, optional ? 'optional' : '', doc, source]),
  );
}

function range({ type, min, max }: { readonly type: string; readonly min?: number; readonly max?: number }): string {
  if (type !== 'number') return type;
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `from ${min}`;
  return max === undefined ? 'any number' : `up to ${max}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

export function committedPage(): string {
  return readFileSync(PAGE, 'utf8');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(PAGE, referencePage());
