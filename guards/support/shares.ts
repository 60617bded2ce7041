import { numberOf } from '../../src/model/sample.ts';
import type { PolicyInput } from '../../src/model/snapshot.ts';

/**
 * The fair share of each guest, KiB: the host's ordinary memory, divided in proportion to the maxima of all guests; never more than
 * the guest's maximum. null: the host's memory is unknown.
 */
export function fairShares({ host, hostLayout, guests, guestLayout }: PolicyInput): ((uuid: string) => number) | null {
  const ordinaryKib = numberOf(hostLayout, host.samples, 'mem_ordinary');
  if (ordinaryKib === null) return null;
  const maxima = new Map(guests.map(({ uuid, samples }) => [uuid, numberOf(guestLayout, samples, 'balloon_max') ?? 0]));
  const sumKib = [...maxima.values()].reduce((sum, kib) => sum + kib, 0);
  const share = sumKib > ordinaryKib ? ordinaryKib / sumKib : 1;
  return (uuid) => Math.floor((maxima.get(uuid) ?? 0) * share);
}
