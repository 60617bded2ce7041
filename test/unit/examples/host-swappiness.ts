import { wholeNumber } from '../../../src/host/format-error.ts';
import { defineCollector } from '../../../src/plugin/collector.ts';

const FILE = '/proc/sys/vm/swappiness';

/** The swappiness of the host. */
export const hostSwappiness = defineCollector({
  name: 'host-swappiness',
  scope: 'host',
  fields: [
    {
      name: 'vm_swappiness',
      type: 'number',
      unit: 'none',
      optional: true,
      source: FILE,
      doc: 'How readily the kernel swaps: 0 hardly ever, 200 rather than give up caches',
    },
  ],
  create: ({ host }) => ({
    async collect() {
      const text = await host.readText(FILE);
      return { vm_swappiness: text === null ? null : wholeNumber(text.trim(), FILE, 1) };
    },
  }),
});
