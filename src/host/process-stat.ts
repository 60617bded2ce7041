import { HostFormatError, wholeNumber } from './format-error.ts';

/** USER_HZ: the unit of CPU times in /proc, independent of the kernel's own HZ. */
export const TICKS_PER_SECOND = 100;

/** The values that Ballast reads from /proc/PID/stat. */
export interface ProcessStat {
  /** Command name, at most 15 characters. */
  readonly command: string;
  readonly parentPid: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** CPU time in user and kernel mode, ticks. */
  readonly cpuTicks: number;
  /** Start time, ticks since boot: together with the pid it identifies a process. */
  readonly startTicks: number;
  /** Size of the address space, KiB. */
  readonly virtualKib: number;
  /** Resident pages, in the kernel's page size. */
  readonly residentPages: number;
}

/**
 * The command name is in parentheses and may itself contain spaces and parentheses: columns are counted from the
 * last closing parenthesis.
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
