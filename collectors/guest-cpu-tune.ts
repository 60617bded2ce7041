import { defineCollector } from '../src/plugin/collector.ts';

/** The limits of a guest's vCPUs, under MOM's names. One to three queries to libvirt for each guest: only if the config lists it. */
export const guestCpuTune = defineCollector({
  name: 'guest-cpu-tune',
  scope: 'guest',
  optIn: true,
  fields: [
    {
      name: 'vcpu_quota',
      type: 'number',
      unit: 'us',
      optional: true,
      doc: 'CPU time that each vCPU may use in a period; negative: without limit',
      source: 'libvirt virDomainGetSchedulerParameters vcpu_quota',
    },
    {
      name: 'vcpu_period',
      type: 'number',
      unit: 'us',
      optional: true,
      doc: 'Length of the period that vcpu_quota applies to',
      source: 'libvirt virDomainGetSchedulerParameters vcpu_period',
    },
    {
      name: 'vcpu_user_limit',
      type: 'number',
      unit: '%',
      optional: true,
      doc: 'Percent of all CPUs of the host that the guest may use, 0 to 100: vcpuLimit in the metadata of oVirt; 100 without it',
      source: 'domain XML, http://ovirt.org/vm/tune/1.0',
    },
    {
      name: 'vcpu_count',
      type: 'number',
      unit: 'count',
      optional: true,
      doc: 'Number of its vCPUs',
      source: 'libvirt virDomainGetVcpusFlags',
    },
  ],
  create: ({ tuning }) => ({
    async collect({ name, uuid }, signal) {
      const { quotaUs, periodUs, userLimit, vcpus } = await tuning.readCpu({ name, uuid }, signal);
      return { vcpu_quota: quotaUs, vcpu_period: periodUs, vcpu_user_limit: userLimit, vcpu_count: vcpus };
    },
  }),
});
