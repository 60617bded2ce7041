import fc from 'fast-check';
import { floorOf } from '../../guards/support/floor.ts';
import { numberOf } from '../../src/model/sample.ts';
import { movesIn, SmallWorld, type SmallGuest, type Turn } from './small-world.ts';

export const GIB = 1_048_576;

/** A world with any guests, and a policy that asks for anything. */
export interface HostileWorld {
  readonly totalKib: number;
  readonly freeShare: number;
  readonly guests: readonly Partial<SmallGuest>[];
  /** What the policy asks of each guest in each interval: a share of its maximum, or no number at all. */
  readonly asks: readonly (number | string | null)[];
  /** Disturbances: in which interval, which guest, what changes. */
  readonly events: readonly { readonly at: number; readonly guest: number; readonly change: Partial<SmallGuest> }[];
  readonly intervals: number;
}

const lies = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constant({ mem_unused: 0, usable: 0 }),
  fc.constant({ mem_available: 2_096_128, mem_unused: 2_096_128, usable: null }),
  fc.record(
    {
      mem_available: fc.oneof(fc.nat(), fc.constant(-1), fc.constant(1e18), fc.constant(null)),
      mem_unused: fc.oneof(fc.nat(), fc.constant(-5), fc.constant(null)),
      usable: fc.oneof(fc.nat(), fc.constant(null)),
      swap_in: fc.nat(),
      oom_kill: fc.nat(),
      balloon_rss: fc.oneof(fc.nat(), fc.constant(null)),
    },
    { requiredKeys: [] },
  ),
);

const guest = fc.record(
  {
    maxKib: fc.integer({ min: GIB / 4, max: 16 * GIB }),
    sizeKib: fc.integer({ min: GIB / 4, max: 16 * GIB }),
    usedKib: fc.integer({ min: 100_000, max: 12 * GIB }),
    minKib: fc.oneof(fc.constant(0), fc.nat({ max: 8 * GIB })),
    balloon: fc.constantFrom('follows' as const, 'follows' as const, 'deaf' as const, 'keeping' as const),
    speedKibPerS: fc.constantFrom(1024, 102_400, GIB),
    fillsKibPerS: fc.constantFrom(0, 10_240, 204_800),
    lies,
  },
  { requiredKeys: ['maxKib'] },
);

const change = fc.record(
  {
    usedKib: fc.integer({ min: 100_000, max: 12 * GIB }),
    reports: fc.boolean(),
    state: fc.constantFrom('running', 'paused', 'crashed'),
    balloon: fc.constantFrom('follows' as const, 'deaf' as const),
    lies,
  },
  { requiredKeys: [] },
);

const ask = fc.oneof(
  fc.constant(0),
  fc.constant(1),
  fc.constant(1e6),
  fc.double({ min: -1, max: 2, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 'much', null),
);

export function hostileWorlds(intervals: number): fc.Arbitrary<HostileWorld> {
  return fc.record({
    totalKib: fc.integer({ min: 4 * GIB, max: 128 * GIB }),
    freeShare: fc.double({ min: 0, max: 0.9, noNaN: true }),
    guests: fc.array(guest, { minLength: 1, maxLength: 6 }),
    asks: fc.array(ask, { minLength: 1, maxLength: 24 }),
    events: fc.array(fc.record({ at: fc.nat({ max: intervals }), guest: fc.nat({ max: 5 }), change }), {
      maxLength: 8,
    }),
    intervals: fc.constant(intervals),
  });
}

/** Runs the world and returns what it must never do, in words. */
export function violationsIn(given: HostileWorld): readonly string[] {
  const world = worldOf(given);
  const found: string[] = [];
  for (let interval = 0; interval < given.intervals; interval++) {
    for (const { at, guest: number, change: changes } of given.events) {
      const own = world.guests[number % world.guests.length]!;
      if (at === interval) Object.assign(own, changes);
    }
    const targets = new Map(world.guests.map(({ name, targetKib }) => [name, targetKib]));
    for (const turn of world.run(1))
      found.push(...violations(turn, world, targets).map((text) => `interval ${interval}: ${text}`));
  }
  return found;
}

function worldOf({ totalKib, freeShare, guests, asks }: HostileWorld): SmallWorld {
  const named = guests.map((own, at) => {
    const maxKib = own.maxKib!;
    return { ...own, name: `g${at}`, maxKib, sizeKib: Math.min(maxKib, own.sizeKib ?? maxKib) };
  });
  const touched = named.reduce((sum, { sizeKib }) => sum + sizeKib + 65_536, 0);
  return new SmallWorld({
    totalKib,
    otherKib: Math.max(0, totalKib * (1 - freeShare) - touched),
    guests: named,
    policy: (input, evaluation) =>
      input.guests.map(({ name, uuid, samples }, at) => {
        const asked = asks[(evaluation * 7 + at) % asks.length]!;
        const maxKib = numberOf(input.guestLayout, samples, 'balloon_max') ?? 0;
        return {
          name: 'balloon_target',
          guest: { name, uuid },
          value: typeof asked === 'number' ? asked * maxKib : asked,
        };
      }),
  });
}

/** @param targets the targets of all guests before this turn, KiB; updated to those after it */
function violations(turn: Turn, world: SmallWorld, targets: Map<string, number>): readonly string[] {
  const { input } = turn;
  const found: string[] = [];
  const limits = world.settings['balloon'] as { floor: number; floor_ratio: number; max_stats_age: number };
  const { largest_step: step, host_step: hostStep } = world.settings['rhythm'] as {
    largest_step: number;
    host_step: number;
  };
  let [grantedKib, takenKib] = [0, 0];
  for (const { guest, to, message } of movesIn([turn])) {
    const view = input.guests.find(({ uuid }) => uuid === guest!.uuid)!;
    const number = (name: string): number => numberOf(input.guestLayout, view.samples, name) ?? 0;
    const [curKib, maxKib] = [number('balloon_cur'), number('balloon_max')];
    const [toKib, floorKib] = [Number(to), floorOf({ max: maxKib, min: number('balloon_min') }, limits)];
    if (!Number.isInteger(toKib)) found.push(`${message}: not a whole number`);
    if (toKib > maxKib) found.push(`${message}: above its maximum of ${maxKib}`);
    if (toKib < curKib && toKib < floorKib) found.push(`${message}: below its floor of ${floorKib}`);
    if (curKib - toKib > Math.ceil(step * maxKib)) found.push(`${message}: a step above ${step} of ${maxKib}`);
    if (number('stats_age') * 1000 > limits.max_stats_age)
      found.push(`${message}: on figures ${number('stats_age')} s old`);
    const own = world.guest(guest!.name);
    if (!['running', 'blocked'].includes(own.state)) found.push(`${message}: it is ${own.state}`);
    takenKib += Math.max(0, curKib - toKib);
    grantedKib += Math.max(0, toKib - Math.max(curKib, targets.get(own.name) ?? 0));
    targets.set(own.name, toKib);
  }
  const freeKib = numberOf(input.hostLayout, input.host.samples, 'mem_allocatable')!;
  const reserve = Math.max(524_288, 0.02 * world.totalKib);
  if (grantedKib > Math.max(0, freeKib - reserve)) found.push(`${grantedKib} granted of ${freeKib}`);
  if (takenKib > hostStep * world.totalKib + 1)
    found.push(`${takenKib} taken at once from a host of ${world.totalKib}`);
  return found;
}
