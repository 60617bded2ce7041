import { layoutOf, type FieldValue } from '../../../src/model/field.ts';
import type { PolicyInput } from '../../../src/model/snapshot.ts';
import type { Vocabulary } from '../../../src/model/vocabulary.ts';
import { evenTimes } from '../../support/builders.ts';

/** The values of one sample, by field. */
export type Values = Readonly<Record<string, FieldValue>>;

/** A short way to write an input: each entity is one sample, or its samples oldest first, ten seconds apart. */
export function inputOf(
  host: Values | readonly Values[] = {},
  guests: Readonly<Record<string, Values | readonly Values[]>> = {},
): PolicyInput {
  const history = (samples: Values | readonly Values[]): readonly Values[] =>
    Array.isArray(samples) ? samples : [samples as Values];
  const layout = (all: readonly (readonly Values[])[]) =>
    layoutOf([...new Set(all.flat().flatMap((sample) => Object.keys(sample)))]);
  const hostHistory = history(host);
  const guestHistories = Object.values(guests).map(history);
  const hostLayout = layout([hostHistory]);
  const guestLayout = layout(guestHistories);
  return {
    timeMs: 0,
    hostLayout,
    guestLayout,
    host: {
      props: { name: 'host' },
      samples: hostHistory.map((sample) => hostLayout.names.map((name) => sample[name])),
      times: evenTimes(hostHistory.length),
    },
    guests: Object.keys(guests).map((name, index) => ({
      name,
      uuid: `uuid of ${name}`,
      props: { name },
      samples: (guestHistories[index] ?? []).map((sample) => guestLayout.names.map((field) => sample[field])),
      times: evenTimes(guestHistories[index]?.length ?? 0),
    })),
  };
}

const field = (name: string) =>
  ({ name, type: 'number', unit: 'KiB', optional: false, doc: name, source: 'a test' }) as const;
const control = (name: string, scope: 'host' | 'guest', range: { readonly min?: number; readonly max?: number }) =>
  ({ name, scope, type: 'number', unit: 'none', doc: name, source: 'a test', ...range }) as const;

/** A small vocabulary with some of the real names. */
export const VOCABULARY: Vocabulary = {
  hostFields: ['mem_available', 'mem_free', 'mem_unused', 'ksm_run'].map(field),
  guestFields: ['balloon_cur', 'balloon_max', 'balloon_min', 'mem_unused'].map(field),
  hostProps: ['name'],
  guestProps: ['name', 'uuid'],
  controls: [control('ksm_run', 'host', { min: 0, max: 2 }), control('balloon_target', 'guest', { min: 0 })],
};
