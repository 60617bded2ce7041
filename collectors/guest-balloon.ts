import type { GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector, type CollectorContext } from '../src/plugin/collector.ts';

/** The size of a guest's balloon and the bounds that its owner gave it. */
export const guestBalloon = defineCollector({
  name: 'guest-balloon',
  scope: 'guest',
  fields: [
    {
      name: 'balloon_cur',
      type: 'number',
      unit: 'KiB',
      optional: false,
      partOf: 'balloon_max',
      source: 'libvirt balloon.current',
      doc: 'Memory that the guest has now: its maximum less what the balloon holds',
    },
    {
      name: 'balloon_max',
      type: 'number',
      unit: 'KiB',
      optional: false,
      source: 'libvirt balloon.maximum',
      doc: 'Memory that the guest was started with: it cannot have more',
    },
    {
      name: 'balloon_min',
      type: 'number',
      unit: 'KiB',
      optional: false,
      source:
        "domain XML <memtune><min_guarantee>, else Ballast's metadata element, else balloon_min of the config, else 0",
      doc: 'What its owner wants the guest to keep; 0 when nobody said so',
    },
    {
      name: 'balloon_min_source',
      type: 'string',
      unit: 'none',
      optional: false,
      source: 'as balloon_min',
      example: '"config"',
      doc: 'Where balloon_min is from: min_guarantee, metadata, config or none',
    },
  ],
  create: ({ balloonMinKib }) => ({
    collect(guest: GuestReading) {
      const { kib, source } = minimumOf(guest, balloonMinKib);
      return {
        balloon_cur: guest.balloon.currentKib,
        balloon_max: guest.balloon.maximumKib,
        balloon_min: kib,
        balloon_min_source: source,
      };
    },
  }),
});

/** The first that says something. libvirt's QEMU driver refuses min_guarantee, hence the others. */
function minimumOf(
  guest: GuestReading,
  balloonMinKib: CollectorContext['balloonMinKib'],
): { readonly kib: number; readonly source: string } {
  if (guest.minGuaranteeKib !== null) return { kib: guest.minGuaranteeKib, source: 'min_guarantee' };
  const metadata = guest.metadata?.balloonMinKib ?? null;
  if (metadata !== null) return { kib: metadata, source: 'metadata' };
  const config = balloonMinKib(guest.name);
  if (config !== null) return { kib: config, source: 'config' };
  return { kib: 0, source: 'none' };
}
