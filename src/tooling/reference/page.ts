import type { Collector } from '../../plugin/collector.ts';
import type { Controller } from '../../plugin/controller.ts';
import { functionSections } from './functions.ts';
import { indexSection } from './index-section.ts';
import { code, table } from './markdown.ts';
import { unitSection } from './units.ts';
import { controlSections, fieldSections, nodeSection, propSection } from './vocabulary-section.ts';
import { warningSection } from './warnings.ts';
import { EXAMPLE_GUESTS, EXAMPLE_HOST } from './world.ts';

/** The reference of the policy language as Markdown, generated from the declarations of the language and of these plugins. */
export function referencePage(plugins: {
  readonly collectors: readonly Collector[];
  readonly controllers: readonly Controller[];
}): string {
  const body = [
    ...worldSection(),
    ...functionSections(),
    ...fieldSections(plugins.collectors),
    ...nodeSection(),
    ...propSection(),
    ...controlSections(plugins.controllers),
    ...unitSection(),
    ...warningSection(),
  ];
  return [
    '# Reference of the policy language',
    '',
    'Every function, method, field, property and control that a policy can use. `ballast docs` writes this page from their declarations;',
    "`ballast docs -c CONFIG` writes it for one site, with the site's own plugins. [policy-language.md](policy-language.md) explains the language.",
    '',
    'What is marked *not in MOM* gives way: a policy that defines a function of that name means its own.',
    ...indexSection(plugins, body),
    ...body,
    '',
  ].join('\n');
}

function worldSection(): string[] {
  const all = [EXAMPLE_HOST, ...EXAMPLE_GUESTS].map((entity, at) => {
    const names = [...new Set([...Object.keys(entity.fixed), ...entity.samples.flatMap(Object.keys)])].sort();
    const series = (name: string) =>
      (name in entity.fixed ? [entity.fixed] : entity.samples)
        .map((sample) => String(sample[name] ?? 'nil'))
        .join(' → ');
    return [
      at === 0 ? code('Host') : code(entity.name),
      entity.labels === '' ? '' : code(entity.labels),
      names.map((name) => `${name} ${series(name)}`).join(', '),
    ];
  });
  return [
    '',
    '## The host of the examples',
    '',
    "The examples are evaluated on this host with three guests, at 23 o'clock; their values stand behind them after a `#`. Samples are ten seconds apart; `→` leads to",
    'the newest. Numbers are in the units of the fields.',
    '',
    ...table(['', 'labels', 'fields'], all),
  ];
}
