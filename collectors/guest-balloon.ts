import { pluggedMaximumKib } from '../src/ports/guest-domain.ts';
import type { GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector, type CollectorContext } from '../src/plugin/collector.ts';

/** The size of a guest's balloon and its configured bounds. */
export const guestBalloon = defineCollector({
  name: 'guest-balloon',
  scope: 'guest',
  stateless: true,
  fields: [
    {
      name: 'balloon_cur',
      type: 'number',
      unit: 'KiB',
      optional: false,
      partOf: 'balloon_max',
      source: 'libvirt balloon.current',
      doc: 'Current memory of the guest: its maximum less the balloon',
    },
    {
      name: 'balloon_max',
      type: 'number',
      unit: 'KiB',
      optional: false,
      source: 'libvirt balloon.maximum, less what the domain XML has and is not plugged',
      doc: 'Maximum memory of the guest; virtio-mem counts with what is plugged, NVDIMMs do not count',
    },
    {
      name: 'balloon_min',
      type: 'number',
      unit: 'KiB',
      optional: false,
      source:
        "domain XML <memtune><min_guarantee>, else Ballast's metadata element, else oVirt's, else balloon_min of the config, else 0",
      doc: 'Configured minimum memory of the guest; 0 if none is configured',
    },
    {
      name: 'balloon_min_source',
      type: 'string',
      unit: 'none',
      optional: false,
      source: 'as balloon_min',
      example: '"config"',
      doc: 'Source of balloon_min: min_guarantee, metadata, oVirt, config or none',
    },
  ],
  create: ({ balloonMinKib }) => ({
    collect(guest: GuestReading) {
      const { kib, source } = minimumOf(guest, balloonMinKib);
      return {
        balloon_cur: guest.balloon.currentKib,
        balloon_max: pluggedMaximumKib(guest),
        balloon_min: kib,
        balloon_min_source: source,
      };
    },
  }),
});

/** The first source that sets a minimum. libvirt's QEMU driver rejects min_guarantee, hence the others. */
function minimumOf(
  guest: GuestReading,
  balloonMinKib: CollectorContext['balloonMinKib'],
): { readonly kib: number; readonly source: string } {
  if (guest.minGuaranteeKib !== null) return { kib: guest.minGuaranteeKib, source: 'min_guarantee' };
  const metadata = guest.metadata?.balloonMinKib ?? null;
  if (metadata !== null) return { kib: metadata, source: 'metadata' };
  const ovirt = guest.ovirt?.balloonMinKib ?? null;
  if (ovirt !== null) return { kib: ovirt, source: 'oVirt' };
  const config = balloonMinKib(guest.name);
  if (config !== null) return { kib: config, source: 'config' };
  return { kib: 0, source: 'none' };
}
