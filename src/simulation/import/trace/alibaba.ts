import { Header } from './header.ts';
import { Row } from './row.ts';
import type { ReaderContext, TraceReader } from './traces.ts';

/** The columns of container_usage.csv of cluster-trace-v2018, which has no header. */
const V2018 = [
  ...['container_id', 'machine_id', 'time_stamp', 'cpu_util_percent', 'mem_util_percent', 'cpi'],
  ...['mem_gps', 'mpki', 'net_in', 'net_out', 'disk_io_percent'],
];

const V2018_ROW = /^c_[0-9]{1,12},m_[0-9]{1,12},/;

/** Whether a first line is of cluster-trace-v2018 without a header. */
export function isAlibabaRow(line: string): boolean {
  return V2018_ROW.test(line);
}

interface Columns {
  readonly count: number;
  readonly guest: number;
  readonly time: number;
  /** What the time is multiplied by to be milliseconds. */
  readonly timeFactor: number;
  readonly share: number;
  /** What is 100 % in the column. */
  readonly whole: number;
}

/** Times are counted from the start of the trace, so that they may be anything up to a year, in milliseconds. */
const LATEST_MS = 366 * 86_400_000;

/**
 * Memory of pods of Alibaba's cluster traces: container_usage.csv of v2018, and the tables MSResource of the microservice traces. Each
 * utilisation is a share of what the pod requested, which the tables do not have.
 */
export function alibaba({ file, traces, guestMemoryKib }: ReaderContext): TraceReader {
  let columns: Columns | null = null;
  return {
    line(text, number) {
      const row = new Row({ file, line: number }, text, ',');
      if (columns === null) {
        const isBare = isAlibabaRow(text);
        columns = columnsOf(
          isBare ? new Header(new Row({ file, line: number }, V2018.join(','), ',')) : new Header(row),
        );
        if (!isBare) return;
      }
      row.requireFields(columns.count);
      const time = row.number(columns.time, 'a time from the start of the trace', LATEST_MS);
      const share = shareOf(row, columns);
      if (share === null) traces.skipped += 1;
      else
        traces.add(file, row.text(columns.guest, 'id of the pod'), {
          timeMs: Math.round(time * columns.timeFactor),
          usedKib: Math.round(share * guestMemoryKib),
          memoryKib: guestMemoryKib,
        });
    },
  };
}

function columnsOf(header: Header): Columns {
  if (header.find('mem_util_percent') !== null)
    return {
      ...{ count: header.count, guest: header.need('container_id'), time: header.need('time_stamp'), timeFactor: 1000 },
      ...{ share: header.need('mem_util_percent'), whole: 100 },
    };
  return {
    ...{ count: header.count, guest: header.need('msinstanceid'), time: header.need('timestamp'), timeFactor: 1 },
    ...{ share: header.need('memory_utilization'), whole: 1 },
  };
}

/** 0 to 1; null: not measured, which the traces write as nothing, as -1 or as 101. */
function shareOf(row: Row, { share, whole }: Columns): number | null {
  const text = row.fields[share] ?? '';
  if (text === '' || text.startsWith('-') || (whole === 100 && text === '101')) return null;
  const value = row.number(share, whole === 100 ? 'a percentage' : 'a share from 0 to 1', Number.MAX_VALUE) / whole;
  // Pods may use a little more than they requested.
  if (value > 10)
    throw row.error(
      share,
      `${text} is not ${whole === 100 ? 'a percentage of the request' : 'a share of the request from 0 to 1'}`,
    );
  return Math.min(1, value);
}
