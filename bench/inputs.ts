import { withSuccessors } from '../src/model/successors.ts';
import { layoutOf, type FieldValue } from '../src/model/field.ts';
import type { PolicyInput } from '../src/model/snapshot.ts';
import type { Vocabulary } from '../src/model/vocabulary.ts';

/** A seeded pseudorandom number generator, 0 to 1. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const freeKib = (random: () => number, freeShare: number): number =>
  Math.floor(freeShare * 65_806_412 * (0.95 + 0.1 * random()));

const HOST: Readonly<Record<string, (random: () => number, freeShare: number) => number>> = {
  mem_available: () => 65_806_412,
  mem_free: freeKib,
  mem_ordinary: () => 65_806_412,
  mem_allocatable: freeKib,
  guests_rss: (random) => Math.floor(50_000_000 + 500_000 * random()),
  ksm_shareable: () => 60_000_000,
  ksm_pages_to_scan: () => 364,
};

const GUEST: Readonly<Record<string, (random: () => number) => FieldValue>> = {
  balloon_max: () => 2_097_152,
  balloon_cur: () => 1_500_000,
  balloon_min: () => 524_288,
  mem_unused: (random) => Math.floor(200_000 + 600_000 * random()),
  mem_available: () => 1_480_000,
  usable: (random) => Math.floor(800_000 + 200_000 * random()),
  balloon_rss: () => 1_400_000,
  ballooning_off: () => null,
  pain_age: () => null,
  figures_doubted: () => false,
  balloon_stuck: () => false,
  memory_not_returned: () => false,
};

/** An input with all fields of the vocabulary: realistic values for the fields that the policies use, small ones for the others. */
export function benchInput(
  vocabulary: Vocabulary,
  guests: number,
  short: boolean,
  { samples = 10, freeShare = short ? 0.1 : 0.4 } = {},
): PolicyInput {
  const random = numbers(guests);
  const hostNames = vocabulary.hostFields.map(({ name }) => name);
  const guestNames = vocabulary.guestFields.map(({ name }) => name);
  const other = () => Math.floor(random() * 1000);
  const host = (): FieldValue[] => hostNames.map((name) => HOST[name]?.(random, freeShare) ?? other());
  const guest = (): FieldValue[] => guestNames.map((name) => (name in GUEST ? GUEST[name]!(random) : other()));
  const repeat = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
  const timeMs = 1_800_000_000_000;
  const times = repeat(samples, (n) => timeMs - (samples - 1 - n) * 5000);
  return {
    timeMs,
    hostLayout: withSuccessors(layoutOf(hostNames)),
    guestLayout: layoutOf(guestNames),
    host: { props: { name: 'host' }, samples: repeat(samples, host), times },
    guests: repeat(guests, (n) => {
      const [name, uuid] = [`guest-${n}`, `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`];
      return { name, uuid, props: { name, uuid, id: n, pid: n }, samples: repeat(samples, guest), times };
    }),
  };
}
