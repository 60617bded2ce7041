import { fieldOf, numberOf } from '../../src/model/sample.ts';
import { oncePerInput } from './once-per-input.ts';

/** The fair share of a guest by its uuid, KiB. */
type FairShare = (uuid: string) => number;

/**
 * The fair share of each guest, KiB: the host's ordinary memory, divided in proportion to the maxima of all guests; never more than
 * the guest's maximum. Guests of huge pages have none of that memory, and each its maximum. null: the host's memory is unknown.
 */
export const fairShares = oncePerInput(({ host, hostLayout, guests, guestLayout }): FairShare | null => {
  const ordinaryKib = numberOf(hostLayout, host.samples, 'mem_ordinary');
  if (ordinaryKib === null) return null;
  const maxima = new Map(guests.map(({ uuid, samples }) => [uuid, numberOf(guestLayout, samples, 'balloon_max') ?? 0]));
  const ofHugePages = new Set(
    guests.filter(({ samples }) => fieldOf(guestLayout, samples, 'hugepages') === true).map(({ uuid }) => uuid),
  );
  const sumKib = [...maxima].reduce((sum, [uuid, kib]) => sum + (ofHugePages.has(uuid) ? 0 : kib), 0);
  const share = sumKib > ordinaryKib ? ordinaryKib / sumKib : 1;
  return (uuid) => Math.floor((maxima.get(uuid) ?? 0) * (ofHugePages.has(uuid) ? 1 : share));
});
