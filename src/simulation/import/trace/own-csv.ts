import { Header } from './header.ts';
import { MOST_KIB, Row, timeOf } from './row.ts';
import type { ReaderContext, TraceReader } from './traces.ts';

const COLUMNS = ['time', 'guest', 'memory_kib', 'used_kib', 'cache_kib', 'swap_kib', 'min_kib'];

/** The CSV of our own: a row for each guest and time. */
export function ownCsv({ file, traces }: ReaderContext): TraceReader {
  let header: Header | null = null;
  return {
    line(text, number) {
      const row = new Row({ file, line: number }, text, ',');
      if (header === null) {
        header = new Header(row);
        header.only(COLUMNS);
        for (const name of COLUMNS.slice(0, 4)) header.need(name);
        return;
      }
      row.requireFields(header.count);
      const kib = (name: string): number => row.number(header!.need(name), 'a size in KiB', MOST_KIB);
      const optional = (name: string): number | null => {
        const at = header!.find(name);
        return at === null ? null : row.optional(at, 'a size in KiB', MOST_KIB);
      };
      const [memoryKib, usedKib] = [kib('memory_kib'), kib('used_kib')];
      if (usedKib > memoryKib)
        throw row.error(header.need('used_kib'), `used_kib, ${usedKib}, is more than memory_kib, ${memoryKib}`);
      traces.add(file, row.text(header.need('guest'), 'name of the guest'), {
        ...{ timeMs: timeOf(row, header.need('time')), usedKib, memoryKib },
        ...{ cacheKib: optional('cache_kib'), swapKib: optional('swap_kib'), minKib: optional('min_kib') },
      });
    },
  };
}
