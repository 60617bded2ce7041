import { HostFormatError, wholeNumber } from './format-error.ts';

/** The kernel reports CPU times to programs in ticks of 10 ms, whatever its own clock runs at. */
export const TICKS_PER_SECOND = 100;

/** What Ballast takes of /proc/PID/stat. */
export interface ProcessStat {
  /** The command's name, 15 characters at most. */
  readonly command: string;
  readonly parentPid: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** CPU time in user and kernel mode together, ticks. */
  readonly cpuTicks: number;
  /** When the process started, ticks since the kernel did: with the pid it names one process. */
  readonly startTicks: number;
  /** Size of the address space, KiB. */
  readonly virtualKib: number;
  /** Pages that are resident, of the kernel's page size. */
  readonly residentPages: number;
}

/**
 * The command's name stands in parentheses and may hold anything, spaces and parentheses too: the columns are
 * counted from the last closing one.
 * @throws HostFormatError
 */
export function parseProcessStat(path: string, text: string): ProcessStat {
  const opens = text.indexOf('(');
  const closes = text.lastIndexOf(')');
  if (opens < 0 || closes < opens) throw new HostFormatError(path, 1, 'a command in parentheses', text);
  const columns = text
    .slice(closes + 1)
    .trim()
    .split(/\s+/);
  const column = (number: number) => {
    const cell = columns[number - 3];
    if (cell === undefined) throw new HostFormatError(path, 1, `at least ${number} columns`, text);
    return wholeNumber(cell, path, 1);
  };
  return {
    command: text.slice(opens + 1, closes),
    parentPid: column(4),
    minorFaults: column(10),
    majorFaults: column(12),
    cpuTicks: column(14) + column(15),
    startTicks: column(22),
    virtualKib: Math.floor(column(23) / 1024),
    residentPages: column(24),
  };
}
