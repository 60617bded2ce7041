import { describe, expect, it } from 'vitest';
import { HostFormatError } from '../../../src/host/format-error.ts';
import { parseKstat, parseNodeMeminfo, parseTable } from '../../../src/host/table.ts';

describe('a table of named values', () => {
  const table = parseTable('/proc/x', 'A:  12 kB\nB 34\n\nnonsense\nC: lots kB\nA: 99 kB\nD: 5 MB\nE(f): -7\nG:\n');

  it('returns sizes and counts by name', () => {
    expect(table.kib('A')).toBe(12);
    expect(table.count('B')).toBe(34);
    expect(table.signed('E(f)')).toBe(-7);
    expect(table.count('E(f)')).toBeUndefined();
  });

  it('distinguishes missing from invalid', () => {
    expect(table.kib('Z')).toBeUndefined();
    expect(table.kib('G')).toBeUndefined();
    expect(table.count('nonsense')).toBeUndefined();
    expect(() => table.kib('C')).toThrow(new HostFormatError('/proc/x', 5, 'C as a number of kB', 'lots kB'));
    expect(() => table.kib('D')).toThrow('/proc/x:7: expected D as a number of kB, found "5 MB"');
    expect(() => table.count('A')).toThrow('/proc/x:1: expected a whole number, found "12 kB"');
  });

  it('truncates long invalid text and keeps it on one line', () => {
    const long = parseTable('/proc/x', `A ${'\u001b'.repeat(500)}`);
    expect(() => long.count('A')).toThrow(/^\/proc\/x:1: expected a whole number, found "(\\u001b){60}…"$/);
  });

  it('reads the format of NUMA nodes', () => {
    expect(parseNodeMeminfo('/n', 'Node 1 MemTotal:       65950130 kB\nNode 1 MemFree: 7 kB\n').kib('MemFree')).toBe(7);
  });

  it('reads the format of OpenZFS', () => {
    const arc = parseKstat('/a', '9 1 0x01 147 39984 4 8\nname type data\nsize 4 8053063680\nc_min    4   1024\n');
    expect(arc.count('size')).toBe(8053063680);
    expect(arc.count('c_min')).toBe(1024);
    expect(arc.count('c_max')).toBeUndefined();
  });
});
