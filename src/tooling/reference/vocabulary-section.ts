import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import { NODE_FIELDS, NODE_GUESTS } from '../../model/numa-nodes.ts';
import { GUEST_PROPS, HOST_PROPS } from '../../model/vocabulary.ts';
import type { Collector } from '../../plugin/collector.ts';
import type { Controller } from '../../plugin/controller.ts';
import { anchored } from './anchors.ts';
import { code, table } from './markdown.ts';
import { controlUse, fieldUse } from './use.ts';

const SCOPES = [
  { scope: 'host', owner: 'Host', title: 'Fields of the host', whom: 'the host' },
  { scope: 'guest', owner: 'vm', title: 'Fields of a guest', whom: 'the guest' },
] as const;

export function fieldSections(collectors: readonly Collector[]): string[] {
  return SCOPES.flatMap(({ scope, owner, title, whom }) => [
    '',
    `## ${title}`,
    '',
    `Read with \`${owner}.FIELD\` and the methods that take a field. An optional field is nil where it is absent; without the others ${whom} is not offered to the policy.`,
    ...collectors
      .filter((collector) => collector.scope === scope)
      .flatMap(({ name, fields }) => ['', `### ${name}`, '', ...fieldTable(fields, scope, owner)]),
  ]);
}

function fieldTable(fields: readonly FieldDecl[], scope: Collector['scope'], owner: 'Host' | 'vm'): string[] {
  return table(
    ['field', 'type', 'unit', '', 'what it is', 'source', 'such as'],
    fields.map((field) => [
      anchored(`field-${scope}`, field.name, code(field.name)),
      field.holds === 'nodes' ? 'list' : field.type,
      ...factsOf(field, owner),
    ]),
  );
}

/** The cells behind the type. */
function factsOf(field: FieldDecl, owner: 'Host' | 'vm' | 'node'): string[] {
  const { unit, optional, doc, source } = field;
  return [unit, optional ? 'optional' : '', doc, source, code(fieldUse(field, owner))];
}

/** What an element of `Host.numa_nodes` has. */
export function nodeSection(): string[] {
  return [
    '',
    '## NUMA nodes',
    '',
    '`Host.numa_nodes` is the list of the NUMA nodes of the host that have memory, by number. On a host with one node, the list has one. It is nil if the kernel was built without NUMA,',
    'if the files of the nodes cannot be read, and in recordings without it. A node has no methods: statistics over time are those of the host.',
    '',
    ...table(
      ['attribute', 'type', 'unit', '', 'what it is', 'source', 'such as'],
      [
        ...NODE_FIELDS.map((field) => [code(field.name), field.type, ...factsOf(field, 'node')]),
        [
          code(NODE_GUESTS.name),
          'list of guests',
          'none',
          '',
          NODE_GUESTS.doc,
          'the field numa_node of guests',
          code('(sum node.guests vm vm.balloon_cur)'),
        ],
      ],
    ),
  ];
}

export function propSection(): string[] {
  const docs: Readonly<Record<string, string>> = {
    name: 'its name',
    uuid: 'its uuid, also after it was renamed',
    id: "libvirt's number for this run of the guest",
    pid: 'the process of its QEMU',
    started: 'when that process started, ticks of 10 ms since the boot of the host',
    labels: 'its labels: sorted, a space between two, "" without any; [tagged](#tagged) asks for one',
  };
  const rows = (names: readonly string[], scope: Collector['scope'], owner: string) =>
    names.map((name) => [
      anchored(`property-${scope}`, name, code(name)),
      owner,
      docs[name] as string,
      code(`(${owner}.Prop "${name}")`),
    ]);
  return [
    '',
    '## Properties',
    '',
    'Read with `Prop`: what an entity is, where fields are what it does.',
    '',
    ...table(
      ['property', 'of', 'what it is', 'such as'],
      [...rows(HOST_PROPS, 'host', 'Host'), ...rows(GUEST_PROPS, 'guest', 'vm')],
    ),
  ];
}

export function controlSections(controllers: readonly Controller[]): string[] {
  return [
    '',
    '## Controls',
    '',
    'Set with [Control](#control). A value outside of the range is clamped or refused, and the log says so.',
    ...controllers.flatMap(({ name, controls }) => [
      '',
      `### ${name}`,
      '',
      ...table(
        ['control', 'of', 'type', 'unit', 'range', 'what it does', 'becomes', 'such as'],
        controls.map((control) => [
          anchored('control', control.name, code(control.name)),
          control.scope,
          control.type,
          control.unit,
          range(control),
          control.doc,
          control.source,
          code(controlUse(control)),
        ]),
      ),
    ]),
  ];
}

function range({ type, min, max }: ControlDecl): string {
  if (type !== 'number') return '';
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `from ${min}`;
  return max === undefined ? 'any number' : `up to ${max}`;
}
