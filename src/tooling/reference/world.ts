import type { PolicyInput } from '../../model/snapshot.ts';
import { constantPast } from '../testing/constant-past.ts';
import { layoutOf, type FieldValue } from '../../model/field.ts';

type Fields = Readonly<Record<string, FieldValue>>;

interface ExampleEntity {
  readonly name: string;
  readonly labels: string;
  /** Fields that are equal in all samples. */
  readonly fixed: Fields;
  /** Fields that differ between samples, oldest first. */
  readonly samples: readonly Fields[];
  /** The value of fields in each complete hour before. */
  readonly past: Readonly<Record<string, number>>;
}

const MIB = 1024;
const GIB = 1024 * MIB;
/** Milliseconds between two samples. */
const INTERVAL_MS = 10_000;
/** Saturday, 21 November 2026, 23:00 UTC, the time of the newest sample. */
const NOW = Date.UTC(2026, 10, 21, 23);

/** The host for the examples of the reference. */
export const EXAMPLE_HOST: ExampleEntity = {
  name: 'host',
  labels: '',
  fixed: { mem_available: 16 * GIB, swap_usage: null, ksm_run: 0, psi_memory_some_avg10: 25, time_hour: 23 },
  samples: [{ mem_free: 4 * GIB }, { mem_free: 3 * GIB }, { mem_free: 2 * GIB }],
  past: { mem_free: 1 * GIB },
};

/** Its guests. */
export const EXAMPLE_GUESTS: readonly ExampleEntity[] = [
  {
    name: 'batch1',
    labels: 'batch',
    fixed: { balloon_cur: 2 * GIB, balloon_max: 4 * GIB, mem_unused: 1 * GIB, usable: 1.5 * GIB },
    samples: [{ swap_in: 0 }, { swap_in: 0 }, { swap_in: 0 }],
    past: { mem_unused: 2 * GIB },
  },
  {
    name: 'db1',
    labels: 'critical db',
    fixed: { balloon_cur: 4 * GIB, balloon_max: 8 * GIB, mem_unused: 256 * MIB, usable: 512 * MIB },
    samples: [{ swap_in: 0 }, { swap_in: 100 }, { swap_in: 300 }],
    past: { mem_unused: 512 * MIB },
  },
  {
    name: 'web1',
    labels: '',
    fixed: { balloon_cur: 3 * GIB, balloon_max: 4 * GIB, mem_unused: 512 * MIB, swap_in: null },
    samples: [{ usable: 400_000 }, { usable: null }, { usable: null }],
    past: {},
  },
];

const HOST_LAYOUT = layoutOf(fieldsOf([EXAMPLE_HOST]));
const GUEST_LAYOUT = layoutOf(fieldsOf(EXAMPLE_GUESTS));

export const EXAMPLE_INPUT: PolicyInput = {
  timeMs: NOW,
  hostLayout: HOST_LAYOUT,
  guestLayout: GUEST_LAYOUT,
  host: { props: { name: EXAMPLE_HOST.name }, ...history(EXAMPLE_HOST, HOST_LAYOUT.names) },
  guests: EXAMPLE_GUESTS.map((guest) => {
    const uuid = `uuid of ${guest.name}`;
    return {
      name: guest.name,
      uuid,
      props: { name: guest.name, uuid, labels: guest.labels },
      ...history(guest, GUEST_LAYOUT.names),
    };
  }),
};

function fieldsOf(all: readonly ExampleEntity[]): readonly string[] {
  return [...new Set(all.flatMap(({ fixed, samples }) => [...Object.keys(fixed), ...samples.flatMap(Object.keys)]))];
}

function history({ fixed, samples, past }: ExampleEntity, names: readonly string[]) {
  return {
    past: constantPast(new Map(Object.entries(past))),
    samples: samples.map((sample) => names.map((name) => ({ ...fixed, ...sample })[name])),
    times: samples.map((_, at) => NOW + (at + 1 - samples.length) * INTERVAL_MS),
  };
}
