import { HostFormatError, wholeNumber } from './format-error.ts';

/** One line of a pressure file: percentages of time over the last seconds, and the total in microseconds. */
export interface Stall {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: number;
}

export interface Pressure {
  readonly some?: Stall;
  /** For the CPU: since Linux 5.13. */
  readonly full?: Stall;
}

/**
 * Parses a file of /proc/pressure.
 * @throws HostFormatError
 */
export function parsePressure(path: string, text: string): Pressure {
  const found: { some?: Stall; full?: Stall } = {};
  for (const [index, row] of text.split('\n').entries()) {
    const [kind, ...pairs] = row.trim().split(/\s+/);
    if (kind !== 'some' && kind !== 'full') continue;
    const values = new Map(pairs.map((pair) => pair.split('=') as [string, string | undefined]));
    const share = (name: string) => percent(values.get(name), name, row, path, index + 1);
    const total = values.get('total');
    if (total === undefined) throw new HostFormatError(path, index + 1, 'total=', row);
    found[kind] = {
      avg10: share('avg10'),
      avg60: share('avg60'),
      avg300: share('avg300'),
      total: wholeNumber(total, path, index + 1),
    };
  }
  return found;
}

function percent(text: string | undefined, name: string, row: string, path: string, line: number): number {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text))
    throw new HostFormatError(path, line, `${name}= in percent`, row);
  return Number(text);
}
