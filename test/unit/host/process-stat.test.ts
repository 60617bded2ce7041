import { describe, expect, it } from 'vitest';
import { parseProcessStat } from '../../../src/host/process-stat.ts';

const COLUMNS = 'S 1 3 4 5 -1 7 100 0 12 0 30 40 0 0 20 0 1 0 181498 4194304 600 18446744073709551615 0 0';

describe('/proc/PID/stat', () => {
  it('has its columns by name', () => {
    expect(parseProcessStat('/s', `9 (qemu-system-x86) ${COLUMNS}\n`)).toEqual({
      command: 'qemu-system-x86',
      parentPid: 1,
      minorFaults: 100,
      majorFaults: 12,
      cpuTicks: 70,
      startTicks: 181498,
      virtualKib: 4096,
      residentPages: 600,
    });
  });

  it('is parsed correctly whatever the command name', () => {
    expect(parseProcessStat('/s', `9 (a) S 1 (b\n) 5) ${COLUMNS}`)).toMatchObject({
      command: 'a) S 1 (b\n) 5',
      minorFaults: 100,
    });
  });

  it('is an error when it is truncated or something else', () => {
    expect(() => parseProcessStat('/s', '9 (qemu) S 1 3')).toThrow(
      '/s:1: expected at least 10 columns, found "9 (qemu) S 1 3"',
    );
    expect(() => parseProcessStat('/s', 'no process')).toThrow(
      '/s:1: expected a command in parentheses, found "no process"',
    );
    expect(() => parseProcessStat('/s', '9 (q) S x')).toThrow('/s:1: expected a whole number, found "x"');
  });
});
