import { alibaba, isAlibabaRow } from './alibaba.ts';
import { gwaT12 } from './gwa-t-12.ts';
import { ownCsv } from './own-csv.ts';
import type { ReaderContext, TraceReader } from './traces.ts';

export type TraceFormat = 'gwa-t-12' | 'alibaba' | 'csv' | 'mom';

/** The format of a trace by its first line; null: it is none. */
export function traceFormat(firstLine: string): TraceFormat | null {
  const line = firstLine.trim().toLowerCase();
  if (/^#\s*time\b/.test(line)) return 'mom';
  if (line.startsWith('timestamp [ms];')) return 'gwa-t-12';
  const fields = new Set(line.split(',', 100).map((field) => field.trim()));
  if (isAlibabaRow(line) || fields.has('mem_util_percent') || fields.has('memory_utilization')) return 'alibaba';
  return fields.has('used_kib') || (fields.has('time') && fields.has('guest')) ? 'csv' : null;
}

/** What the first lines of traces look like. */
export const FORMS =
  'expected "time,guest,memory_kib,used_kib", the header of a GWA-T-12 file ("Timestamp [ms];…"), of an Alibaba table (container_id,…,mem_util_percent or timestamp,msname,msinstanceid,…,memory_utilization), or "# time" of MOM';

export function readerOf(format: Exclude<TraceFormat, 'mom'>, context: ReaderContext): TraceReader {
  const readers = { 'gwa-t-12': gwaT12, alibaba, csv: ownCsv };
  return readers[format](context);
}
