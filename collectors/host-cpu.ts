import { parseList } from '../src/host/cpu-list.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const ONLINE = '/sys/devices/system/cpu/online';

/** MOM reads the same number from /proc/cpuinfo, which takes milliseconds on a large host. */
export const hostCpu = defineCollector({
  name: 'host-cpu',
  scope: 'host',
  fields: [
    {
      name: 'cpu_count',
      type: 'number',
      unit: 'count',
      optional: true,
      doc: 'Online CPUs of the host',
      source: ONLINE,
    },
  ],
  create: ({ host }) => ({
    async collect() {
      const text = await host.readText(ONLINE);
      return { cpu_count: text === null ? null : parseList(ONLINE, text).length };
    },
  }),
});
