import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import { UNITS } from '../../model/units.ts';
import { GUEST_PROPS, HOST_PROPS } from '../../model/vocabulary.ts';
import type { Collector } from '../../plugin/collector.ts';
import type { Controller } from '../../plugin/controller.ts';
import { BUILTIN_LIST, type Builtin } from '../../policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../../policy/builtins/function-values.ts';
import { METHOD_LIST } from '../../policy/builtins/methods.ts';
import { LITERAL_UNITS } from '../../policy/text/quantity.ts';
import { headingsOf, rowAnchor, type RowKind } from './anchors.ts';
import { headingOf } from './functions.ts';
import { code } from './markdown.ts';

const TITLE = '## Index';

/**
 * The names of the reference by kind, each with a link to its entry.
 * @param body the lines of the page, for the anchors of its headings
 */
export function indexSection(
  {
    collectors,
    controllers,
  }: { readonly collectors: readonly Collector[]; readonly controllers: readonly Controller[] },
  body: readonly string[],
): string[] {
  const anchors = new Map<string, string>();
  // A collector may have the name of a function: functions come first.
  for (const { text, anchor } of headingsOf([TITLE, ...body])) if (!anchors.has(text)) anchors.set(text, anchor);
  const to = (heading: string) => anchors.get(heading) as string;
  const ofHeading = (shown: string, heading: string) => `[${code(shown)}](#${to(heading)})`;
  const builtin = (each: Builtin) =>
    ofHeading(each.operator ?? (each.name === 'eval' ? '{ … }' : each.name), headingOf(each));
  const rows = (kind: RowKind, names: readonly string[], before = '') =>
    names.map((name) => `[${code(`${before}${name}`)}](#${rowAnchor(kind, name)})`);
  const names = (declared: readonly (FieldDecl | ControlDecl)[]) => declared.map(({ name }) => name).sort();
  const fields = (scope: Collector['scope']) =>
    names(collectors.filter((collector) => collector.scope === scope).flatMap((collector) => collector.fields));
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['Forms', BUILTIN_LIST.filter(({ form }) => form !== 'plain').map(builtin)],
    [
      'Functions',
      [
        ...BUILTIN_LIST.filter(({ form }) => form === 'plain').map(builtin),
        ...[...FUNCTION_VALUES.values()].map(({ name }) => ofHeading(name, name)),
      ],
    ],
    ['Options of forms and methods', optionsOf(to)],
    ['Methods', METHOD_LIST.map(({ name }) => ofHeading(name, name))],
    ['Fields of the host', rows('field-host', fields('host'), 'Host.')],
    ['Fields of a guest', rows('field-guest', fields('guest'), 'vm.')],
    ['Properties', [...rows('property-host', HOST_PROPS, 'Host '), ...rows('property-guest', GUEST_PROPS, 'vm ')]],
    ['Controls', rows('control', names(controllers.flatMap(({ controls }) => controls)))],
    ['Units', rows('unit', UNITS)],
    [
      'Endings of numbers',
      rows(
        'ending',
        LITERAL_UNITS.map(({ suffix }) => suffix),
      ),
    ],
  ];
  return ['', TITLE, ...kinds.flatMap(([kind, links]) => ['', `**${kind}**: ${links.join(' · ')}`])];
}

/** Each option with what takes it. */
function optionsOf(to: (heading: string) => string): string[] {
  const owners = new Map<string, string[]>();
  const takers = [
    ...BUILTIN_LIST.map((builtin) => ({ ...builtin, heading: headingOf(builtin) })),
    ...METHOD_LIST.map((method) => ({ ...method, heading: method.name })),
  ];
  for (const { name, signature, heading } of takers) {
    for (const [option] of new Set(signature.match(/:[a-z][a-z-]*/g) ?? []).entries())
      owners.set(option, [...(owners.get(option) ?? []), `[${name}](#${to(heading)})`]);
  }
  return [...owners].map(([option, links]) => `${code(option)} of ${links.join(', ')}`);
}
