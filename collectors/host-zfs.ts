import type { FieldDecl } from '../src/model/field.ts';
import { ARCSTATS } from '../src/host/memory-info.ts';
import { readShared } from '../src/host/shared-reads.ts';
import { parseKstat } from '../src/host/table.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const size = (name: string, source: string, doc: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'KiB',
  optional: true,
  doc,
  source: `${ARCSTATS} ${source}`,
});

const kib = (bytes: number | undefined) => (bytes === undefined ? undefined : Math.floor(bytes / 1024));

/**
 * The ARC, the cache of OpenZFS. The kernel counts it as used memory, not as page cache, although it shrinks to its
 * minimum when memory is short. The fields are nil on a host without OpenZFS.
 */
export const hostZfs = defineCollector({
  name: 'host-zfs',
  scope: 'host',
  fields: [
    size('zfs_arc_size', 'size', 'Size of the ARC; not included in mem_free or mem_available_estimate'),
    size('zfs_arc_min', 'c_min', 'Minimum size of the ARC'),
    size('zfs_arc_max', 'c_max', 'Maximum size of the ARC'),
  ],
  create: ({ host }) => ({
    async collect(signal) {
      const text = await readShared(host, ARCSTATS, signal);
      if (text === null) return {};
      const arc = parseKstat(ARCSTATS, text);
      return {
        zfs_arc_size: kib(arc.count('size')),
        zfs_arc_min: kib(arc.count('c_min')),
        zfs_arc_max: kib(arc.count('c_max')),
      };
    },
  }),
});
