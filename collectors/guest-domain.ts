import type { BallooningOff } from '../src/model/ballooning.ts';
import type { FieldDecl } from '../src/model/field.ts';
import { GUEST_NODE_FIELD } from '../src/model/numa-nodes.ts';
import type { GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector, type CollectorContext } from '../src/plugin/collector.ts';

const flag = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'boolean',
  unit: 'none',
  optional: true,
  source: `domain XML ${source}`,
  doc,
});

const size = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: true,
  source: `domain XML ${source}`,
  doc,
});

const text = (name: string, source: string, example: string, doc: string): FieldDecl => ({
  name,
  type: 'string',
  unit: 'none',
  optional: true,
  source,
  example: `"${example}"`,
  doc,
});

const count = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'count',
  optional: true,
  source: `domain XML ${source}`,
  doc,
});

/** What kind of guest it is by its domain XML, and whether its balloon may be moved. */
export const guestDomain = defineCollector({
  name: 'guest-domain',
  scope: 'guest',
  stateless: true,
  fields: [
    text(
      'ballooning_off',
      "domain XML, Ballast's and oVirt's metadata, the label no-ballooning, guests.ballooning_off of the config",
      'config',
      'Why the balloon of the guest is left alone: unreadable XML, no device, metadata, oVirt, label, config, hugepages, VFIO, locked or encrypted memory; nil if it is not',
    ),
    text(
      'stats_missing',
      'libvirt balloon, domain XML <memballoon>',
      'service silent',
      'Why the guest has no current statistics: no device, period 0, not booted, no driver, incomplete or service silent; nil if it has',
    ),
    text(
      'job',
      'libvirt virDomainGetJobStats',
      'migration',
      'What libvirt does with the guest: none, migration, incoming migration, save, restore, dump, snapshot, backup and others',
    ),
    text(
      'balloon_model',
      'domain XML <memballoon model>',
      'virtio',
      'Model of the balloon; none if the guest has none',
    ),
    flag('autodeflate', '<memballoon autodeflate>', 'Whether QEMU returns memory to a guest that runs out of it'),
    flag(
      'free_page_reporting',
      '<memballoon freePageReporting>',
      'Whether the guest returns unused memory by itself, without a balloon',
    ),
    flag('hugepages', '<memoryBacking><hugepages>', 'Whether its memory consists of huge pages of the host'),
    flag('locked', '<memoryBacking><locked>', 'Whether its memory is locked: it is never swapped out'),
    flag('nosharepages', '<memoryBacking><nosharepages>', 'Whether its pages are kept from KSM'),
    flag(
      'memory_shared',
      '<memoryBacking><access>, <cell memAccess>',
      'Whether its memory is shared with other processes, and thus Shmem on the host',
    ),
    text(
      'memory_source',
      'domain XML <memoryBacking><source>',
      'memfd',
      'What its memory consists of: anonymous, memfd or file; memfd is Shmem on the host',
    ),
    count('host_devices', '<hostdev>, <interface>, <disk>', 'Devices of the host that the guest has'),
    count(
      'pinning_devices',
      '<hostdev>, <interface>, <disk>',
      'Devices among them that pin all of its memory: VFIO and vDPA',
    ),
    text(
      'launch_security',
      'domain XML <launchSecurity type>',
      'sev',
      'How its memory is encrypted: sev, sev-snp, tdx, s390-pv; nil if it is not',
    ),
    size(
      'memory_not_plugged',
      '<memory> devices',
      "Memory in libvirt's maximum that the guest does not have: virtio-mem that is not plugged, NVDIMMs",
    ),
    {
      name: GUEST_NODE_FIELD,
      type: 'number',
      unit: 'none',
      optional: true,
      source: 'domain XML <numatune><memory nodeset>',
      doc: 'NUMA node of the host that its memory is bound to or prefers; nil if that is none, or several',
    },
    size('balloon_initial', '<currentMemory>', 'Current memory of the guest when Ballast first saw it in this run'),
  ],
  create: ({ ballooningOff }) => ({
    collect(guest: GuestReading) {
      const { domain } = guest;
      return {
        ballooning_off: reasonFor(guest, ballooningOff),
        stats_missing: guest.missing?.cause,
        job: guest.job,
        balloon_initial: guest.initialKib,
        ...(domain && {
          balloon_model: domain.balloonModel,
          autodeflate: domain.autodeflate,
          free_page_reporting: domain.freePageReporting,
          hugepages: domain.hugepages,
          locked: domain.locked,
          nosharepages: domain.nosharepages,
          memory_shared: domain.sharedMemory,
          memory_source: domain.memorySource,
          host_devices: domain.hostDevices,
          pinning_devices: domain.pinningDevices,
          launch_security: domain.launchSecurity,
          memory_not_plugged: domain.notPluggedKib,
          [GUEST_NODE_FIELD]: domain.numaNode,
        }),
      };
    },
  }),
});

/** Whatever says off is honoured; then whether a balloon would return anything. */
function reasonFor(
  { name, domain, metadata, ovirt }: GuestReading,
  ballooningOff: CollectorContext['ballooningOff'],
): BallooningOff | null {
  if (domain === null) return 'unreadable XML';
  if (domain.balloonModel === 'none') return 'no device';
  if (metadata?.ballooning === false) return 'metadata';
  if (ovirt?.ballooning === false) return 'oVirt';
  const chosen = ballooningOff(name, metadata?.labels ?? '');
  if (chosen !== null) return chosen;
  if (domain.hugepages) return 'hugepages';
  if (domain.pinningDevices > 0) return 'VFIO';
  if (domain.locked) return 'locked';
  return domain.launchSecurity === null ? null : 'encrypted memory';
}
