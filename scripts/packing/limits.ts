import { brokenLimits } from '../../src/comparison/capacity.ts';
import { parseGate, type Gate } from '../../src/comparison/gates.ts';
import type { Measured } from '../../src/simulation/measure.ts';
import type { Scenario } from '../../src/simulation/scenario/model.ts';
import { withGuests } from '../../src/simulation/scenario/more.ts';

/** What guests must not suffer, with how the page says that it stopped the packing. */
const LIMITS: readonly { readonly gate: Gate; readonly words: string }[] = [
  { gate: gateOf('stall-share<=1%'), words: 'waiting' },
  { gate: gateOf('host-oom<=0'), words: 'killed by the host' },
  { gate: gateOf('below-min<=0s'), words: 'below their minimum' },
];
const KILLED_IN_GUESTS = 'killed in guests';

/** By the name of a guest, how many of its programs are killed on any host. */
export type KilledAnyway = ReadonlyMap<string, number>;

/**
 * What a packing breaks. The host may kill nobody. In a guest as many programs may be killed as in the same guest on a host with room for all,
 * because there they are killed by what the guest wants and has, and by nobody else.
 * @returns in words, the worst first
 */
export function brokenBy(measured: Measured, anyway: KilledAnyway): readonly string[] {
  const gates = LIMITS.map(({ gate }) => gate);
  const broken = brokenLimits(measured, gates).map(({ limit }) => LIMITS.find(({ gate }) => gate === limit)!.words);
  const isKilled = measured.guests.some(({ name, oomKills }) => oomKills > (anyway.get(name) ?? 0));
  return isKilled ? [KILLED_IN_GUESTS, ...broken] : broken;
}

/**
 * The guests that need more than they have, on a host with room for all of them at full size: what is killed in them there is killed on any host.
 * @returns null: no guest is killed there, so nothing needs to be simulated
 */
export function killedAnywhere(scenario: Scenario, { bound, pain }: Measured): Scenario | null {
  const tooSmall = new Set(bound?.tooSmall ?? []);
  const guests = scenario.guests.filter(({ name }) => tooSmall.has(name));
  if (pain.guestOomKills === 0 || guests.length === 0) return null;
  const promised = guests.reduce((sum, { memoryKib }) => sum + memoryKib, 0);
  // Twice: for QEMU's own memory and the page cache of the host too.
  const memoryKib = 2 * (scenario.host.memoryKib + promised);
  return { ...scenario, guests, host: { ...scenario.host, memoryKib } };
}

/** How many guests fit when no memory is promised twice: their sizes together are at most the memory of the host less its reserve. */
export function notOvercommitted(scenario: Scenario): number {
  const { memoryKib, reserveKib } = scenario.host;
  const promised = (guests: number): number =>
    withGuests(scenario, guests).guests.reduce((sum, guest) => sum + guest.memoryKib, 0);
  let fits = 0;
  while (promised(fits + 1) <= memoryKib - reserveKib) fits += 1;
  return fits;
}

function gateOf(text: string): Gate {
  const gate = parseGate(text);
  if ('problem' in gate) throw new Error(gate.problem);
  return gate;
}
