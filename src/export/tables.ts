import type { FieldDecl } from '../model/field.ts';
import type { Unit } from '../model/units.ts';
import type { Vocabulary } from '../model/vocabulary.ts';

export type ColumnType = 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'TIMESTAMP';

/** A column of a table. Its unit is in its name and in the metadata of the file. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: Unit;
  readonly doc: string;
  /** The recorded field that it has as it is. Absent: it is computed. */
  readonly field?: string;
}

export const TABLES = ['host', 'guests', 'decisions', 'holds'] as const;
export type TableName = (typeof TABLES)[number];
export type Tables = Readonly<Record<TableName, readonly Column[]>>;

const SUFFIXES: Readonly<Record<Unit, string>> = {
  ...{
    KiB: '_kib',
    pages: '_pages',
    'KiB/pages': '_kib',
    bytes: '_bytes',
    ms: '_ms',
    s: '_s',
    us: '_us',
    '%': '_percent',
  },
  ...{ ratio: '_ratio', count: '', 'per second': '_per_s', none: '' },
};

/** The name of a field with its unit. */
function columnName({ name, unit }: FieldDecl): string {
  const suffix = SUFFIXES[unit];
  return name.endsWith(suffix) ? name : `${name}${suffix}`;
}

const TYPES = { number: 'DOUBLE', string: 'STRING', boolean: 'BOOLEAN' } as const;

function ofFields(fields: readonly FieldDecl[], taken: readonly Column[]): readonly Column[] {
  const names = new Set(taken.map(({ name }) => name));
  return fields.flatMap((field): Column[] => {
    const column = {
      name: columnName(field),
      type: TYPES[field.type],
      unit: field.unit,
      doc: field.doc,
      field: field.name,
    };
    if (names.has(column.name)) return [];
    names.add(column.name);
    return [column];
  });
}

function column(name: string, type: ColumnType, doc: string, unit: Unit = 'none'): Column {
  return { name, type, unit, doc };
}

const TIME = column('time', 'TIMESTAMP', 'Start of the interval, UTC');
const HELD = column(
  'held_s',
  'DOUBLE',
  'How long this row holds: until the next one, but for three intervals at most; 0: the clock was set back',
  's',
);
const GUEST = [column('guest', 'STRING', 'Name of the guest'), column('uuid', 'STRING', 'UUID of the guest')];
const ABOUT = [
  ...GUEST,
  column('control', 'STRING', 'What is set: balloon_target (KiB), or a setting of KSM, CPU or disks'),
];

/** The tables: their columns are the same for all recordings, whatever these lack. */
export function tablesOf({ hostFields, guestFields }: Pick<Vocabulary, 'hostFields' | 'guestFields'>): Tables {
  const host = [
    TIME,
    HELD,
    column(
      'guests_resident_kib',
      'DOUBLE',
      'Memory of the host that guests take: pages that KSM has merged count once',
      'KiB',
    ),
    column('saved_by_ksm_kib', 'DOUBLE', 'What KSM saves, also of recordings without ksm_saved', 'KiB'),
  ];
  const guests = [
    ...[TIME, HELD, ...GUEST],
    column('labels', 'STRING', 'Labels of the guest, separated by spaces'),
    column(
      'used_kib',
      'DOUBLE',
      'What the guest could not give up at once; nil if its statistics are older than 60 s',
      'KiB',
    ),
    column('resident_kib', 'DOUBLE', 'Resident memory of the guest on the host', 'KiB'),
    column('in_pain', 'BOOLEAN', 'Whether there was a sign of pain since the interval before'),
    column('new_oom_kills', 'DOUBLE', "Processes that the guest's OOM killer ended since the report before", 'count'),
  ];
  return {
    host: [...host, ...ofFields(hostFields, host)],
    guests: [...guests, ...ofFields(guestFields, guests)],
    decisions: [
      ...[TIME, ...ABOUT],
      column('from_value', 'DOUBLE', 'The value before, if it is a number; nil: unknown'),
      column('to_value', 'DOUBLE', 'The value that was requested, if it is a number'),
      column('to_text', 'STRING', 'The value that was requested, if it is no number'),
      column('change_kib', 'DOUBLE', 'What the guest gained; nil: not a balloon, or unknown', 'KiB'),
      column('status', 'STRING', 'done, refused, failed, gone, pending or dry-run'),
      column('detail', 'STRING', 'Why it was not done'),
      column('requested_by', 'STRING', 'policy, the name of a guard, or Ballast'),
      column('reason', 'STRING', 'The reason, as the policy or the guard gave it'),
      column('reason_kind', 'STRING', 'The reason with # in the place of figures, to group by'),
      column('notes', 'STRING', 'What guards changed in the request, one line each'),
      column('policy_file', 'STRING', 'The policy that requested it'),
      column('policy_line', 'DOUBLE', 'The line in it'),
    ],
    holds: [
      ...[TIME, ...ABOUT],
      column('wanted_value', 'DOUBLE', 'The value that was requested, if it is a number'),
      column('wanted_text', 'STRING', 'The value that was requested, if it is no number'),
      column('guard', 'STRING', 'The guard that held it back, or Ballast'),
      column('why', 'STRING', 'Why'),
      column('why_kind', 'STRING', 'Why, with # in the place of figures, to group by'),
    ],
  };
}
