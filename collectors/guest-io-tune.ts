import { DISKS_FIELD, disksText, limitsText } from '../src/model/disk-tuning.ts';
import { defineCollector } from '../src/plugin/collector.ts';

/** The I/O limits of a guest's disks, under MOM's names. A query to libvirt for each disk: only if the config lists it. */
export const guestIoTune = defineCollector({
  name: 'guest-io-tune',
  scope: 'guest',
  optIn: true,
  fields: [
    {
      name: DISKS_FIELD,
      type: 'string',
      holds: 'disks',
      unit: 'none',
      optional: true,
      doc: 'The disks that the tuning metadata of oVirt names, as a list: name, path, guaranteed, maximum, current; nil without any',
      source: 'domain XML, http://ovirt.org/vm/tune/1.0',
    },
    {
      name: 'io_tune_current',
      type: 'string',
      unit: 'none',
      optional: true,
      doc: 'The present limits of these disks',
      source: 'libvirt virDomainGetBlockIoTune',
      example: '"vda total_iops_sec=1000"',
    },
  ],
  create: ({ tuning }) => ({
    async collect({ name, uuid }, signal) {
      const disks = await tuning.readDisks({ name, uuid }, signal);
      if (disks === null) return {};
      return {
        [DISKS_FIELD]: disksText(disks),
        io_tune_current: limitsText(new Map(disks.map((disk) => [disk.name, disk.current]))),
      };
    },
  }),
});
