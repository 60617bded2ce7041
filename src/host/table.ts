import { counterNumber, HostFormatError, signedNumber } from './format-error.ts';

interface Cell {
  readonly text: string;
  readonly line: number;
}

/**
 * A file with one named value per line, such as /proc/meminfo. A missing name is undefined; a malformed value throws
 * when it is read. Lines of any other format are skipped.
 */
export class KernelTable {
  readonly path: string;
  readonly #cells: ReadonlyMap<string, Cell>;

  constructor(path: string, cells: ReadonlyMap<string, Cell>) {
    this.path = path;
    this.#cells = cells;
  }

  get names(): Iterable<string> {
    return this.#cells.keys();
  }

  /** Undefined also for a counter that has gone below zero. @throws HostFormatError */
  count(name: string): number | undefined {
    const cell = this.#cells.get(name);
    return cell && (counterNumber(cell.text, this.path, cell.line) ?? undefined);
  }

  /** A number that may be negative. @throws HostFormatError */
  signed(name: string): number | undefined {
    const cell = this.#cells.get(name);
    return cell && signedNumber(cell.text, this.path, cell.line);
  }

  /**
   * A size in KiB, which the kernel calls "kB".
   * @throws HostFormatError
   */
  kib(name: string): number | undefined {
    const cell = this.#cells.get(name);
    if (cell === undefined) return undefined;
    const match = /^(\d{1,20}) kB$/.exec(cell.text);
    if (match === null) throw new HostFormatError(this.path, cell.line, `${name} as a number of kB`, cell.text);
    return Number(match[1]);
  }
}

/** Lines `name value` or `name: value unit`: /proc/meminfo, /proc/vmstat, /proc/PID/ksm_stat. */
export function parseTable(path: string, text: string): KernelTable {
  return table(path, text, /^([^\s:]+):?[ \t]+(\S.*)$/);
}

/** Lines `Node 0 MemFree: 4057856 kB`: /sys/devices/system/node/nodeN/meminfo. */
export function parseNodeMeminfo(path: string, text: string): KernelTable {
  return table(path, text, /^Node \d+ ([^\s:]+):[ \t]+(\S.*)$/);
}

/** Lines `name type value` after two header lines: the kstat files of OpenZFS. */
export function parseKstat(path: string, text: string): KernelTable {
  return table(path, text, /^(\S+)[ \t]+\d+[ \t]+(\S+)$/);
}

function table(path: string, text: string, shape: RegExp): KernelTable {
  const cells = new Map<string, Cell>();
  let line = 0;
  for (const row of text.split('\n')) {
    line++;
    const match = shape.exec(row.trimEnd());
    if (match !== null && !cells.has(match[1]!)) cells.set(match[1]!, { text: match[2]!, line });
  }
  return new KernelTable(path, cells);
}
