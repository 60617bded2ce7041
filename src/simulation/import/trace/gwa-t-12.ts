import { Header } from './header.ts';
import { MOST_KIB, Row, timeOf } from './row.ts';
import type { ReaderContext, TraceReader } from './traces.ts';

/** What its header calls milliseconds are seconds. */
const TIME = 'Timestamp [ms]';
const MEMORY = 'Memory capacity provisioned [KB]';
const USED = 'Memory usage [KB]';

/** A file of GWA-T-12 (Bitbrains): one machine, whose name is that of the file. */
export function gwaT12({ file, name, traces }: ReaderContext): TraceReader {
  let header: { readonly count: number; readonly time: number; readonly memory: number; readonly used: number } | null =
    null;
  return {
    line(text, number) {
      const row = new Row({ file, line: number }, text, ';');
      if (header === null) {
        const found = new Header(row);
        header = { count: found.count, time: found.need(TIME), memory: found.need(MEMORY), used: found.need(USED) };
        return;
      }
      row.requireFields(header.count);
      const memoryKib = Math.round(row.number(header.memory, 'a size in KB', MOST_KIB));
      const usedKib = Math.round(row.number(header.used, 'a size in KB', MOST_KIB));
      const timeMs = timeOf(row, header.time);
      // Machines that are off, or not there yet, have rows of zeros.
      if (memoryKib > 0) traces.add(file, name, { timeMs, usedKib, memoryKib });
    },
  };
}
