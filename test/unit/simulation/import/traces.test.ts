import { describe, expect, it } from 'vitest';
import { NoDemandError, type Fitted } from '../../../../src/simulation/import/fitted.ts';
import { fitTraces } from '../../../../src/simulation/import/trace/fit.ts';
import { readerOf, traceFormat } from '../../../../src/simulation/import/trace/format.ts';
import { Traces } from '../../../../src/simulation/import/trace/traces.ts';
import { valueAt } from '../../../../src/simulation/import/curve.ts';
import { visibleKernelKib } from '../../../../src/simulation/guest/kernel.ts';
import type { Scenario } from '../../../../src/simulation/scenario/model.ts';
import { GIB } from '../specs.ts';

/** A scenario from the texts of files, by their names. */
function fitted(
  files: Readonly<Record<string, string>>,
  changes: { addsBursts?: boolean; memoryKib?: number } = {},
): Fitted {
  const traces = new Traces();
  for (const [file, text] of Object.entries(files)) {
    const lines = text.trimEnd().split('\n');
    const format = traceFormat(lines[0]!);
    if (format === null || format === 'mom') throw new Error(`no format: ${lines[0]}`);
    const name = file.replace('.csv', '');
    const reader = readerOf(format, { file, name, traces, guestMemoryKib: 4 * GIB });
    for (const [at, line] of lines.entries()) reader.line(line, at + 1);
  }
  return fitTraces(traces, { path: 'x', name: 'x', memoryKib: null, addsBursts: true, range: null, ...changes });
}

/** What a guest uses at a time as the trace would say it, KiB. */
function usedAt({ guests }: Scenario, name: string, atS: number): number {
  const guest = guests.find((each) => each.name === name)!;
  return guest.demand.baseKib + valueAt(guest.demand.points, atS) + visibleKernelKib(guest.memoryKib);
}

const GWA_HEADER =
  'Timestamp [ms];\tCPU cores;\tCPU usage [%];\tMemory capacity provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s]';

const gwaRow = (s: number, memory: string, used: string): string => `${s};\t4;\t93.2;\t${memory};\t${used};\t0.0`;

describe('a file of GWA-T-12', () => {
  it('has seconds, whatever its header says; rows may be in any order, twice, or empty at the start', () => {
    const rows = [
      gwaRow(1376314546, '0.0', '0.0'),
      gwaRow(1376315146, '4194304.0', '2000000.4'),
      gwaRow(1376314846, '4.194304E6', '1000000'),
      gwaRow(1376315146, '4194304.0', '2000000.4'),
    ];
    const { scenario } = fitted({ '17.csv': [GWA_HEADER, ...rows].join('\n') }, { addsBursts: false });
    expect(scenario).toMatchObject({ durationS: 300, guests: [{ name: '17', memoryKib: 4 * GIB, minKib: null }] });
    expect([0, 150, 300].map((atS) => usedAt(scenario, '17', atS))).toEqual([1_000_000, 1_500_000, 2_000_000]);
  });

  it('gets bursts, unless they are not wanted', () => {
    const rows = Array.from({ length: 100 }, (_, at) =>
      gwaRow(1376314846 + 300 * at, '4194304', String(1_000_000 + (at % 10) * 100_000)),
    );
    const text = [GWA_HEADER, ...rows].join('\n');
    const { scenario, inferred } = fitted({ '1.csv': text });
    // 90 growths in 29700 s, each of 100 MB, and 7.4 bursts for each of them: as often as is permitted.
    expect(scenario.guests[0]!.demand.bursts).toEqual({ everyS: 300, sizeKib: 100_000, rateKib: 204_800, lastsS: 86 });
    expect(scenario.story).toBe('A trace of 1 guest in steps of 300 s. Bursts are added that such steps do not show.');
    expect(inferred.join('\n')).toMatch(/bursts are added/);
    expect(fitted({ '1.csv': text }, { addsBursts: false }).scenario.guests[0]!.demand.bursts).toBeNull();
  });

  it('of several machines is one host; they come and go', () => {
    const all = Array.from({ length: 50 }, (_, at) => gwaRow(1376314846 + 300 * at, '4194304', '1000000'));
    const { scenario } = fitted({
      'a.csv': [GWA_HEADER, ...all].join('\n'),
      'b.csv': [GWA_HEADER, ...all.slice(10, 20)].join('\n'),
    });
    expect(scenario.guests.map(({ life, running }) => [life.startS, life.stopS, running !== null])).toEqual([
      [0, 0, true],
      [3000, 5700, false],
    ]);
    expect(scenario.host.memoryKib).toBe(9 * GIB);
    expect(fitted({ 'a.csv': [GWA_HEADER, ...all].join('\n') }, { memoryKib: 2 * GIB }).scenario.host.memoryKib).toBe(
      2 * GIB,
    );
  });
});

describe('tables of Alibaba', () => {
  it('of v2018 have no header, many pods, and a percentage', () => {
    const rows = [0, 10, 20].flatMap((s) => [
      `c_1,m_1990,${s},10,25,,,,0.1,0.2,1`,
      `c_2,m_1990,${s},10,${s === 10 ? 101 : 50},,,,0.1,0.2,1`,
    ]);
    const { scenario, inferred } = fitted({ 'container_usage.csv': rows.join('\n') });
    expect(scenario.guests.map(({ name, memoryKib }) => [name, memoryKib])).toEqual([
      ['c_1', 4 * GIB],
      ['c_2', 4 * GIB],
    ]);
    expect(usedAt(scenario, 'c_1', 10)).toBe(GIB);
    expect(usedAt(scenario, 'c_2', 10)).toBe(2 * GIB);
    expect(inferred).toContain('1 rows say nothing about memory; they are left out');
  });

  it('of microservices have milliseconds and a share', () => {
    const text =
      'timestamp,msname,msinstanceid,nodeid,cpu_utilization,memory_utilization\n0,ms,i1,n,0.1,0.5\n60000,ms,i1,n,0.1,0.25\n';
    const { scenario } = fitted({ 'MSResource_0.csv': text });
    expect([0, 60].map((atS) => usedAt(scenario, 'i1', atS))).toEqual([2 * GIB, GIB]);
  });
});

describe('a CSV of our own', () => {
  const HEADER = 'time,guest,memory_kib,used_kib,cache_kib,swap_kib,min_kib';

  it('has seconds or ISO times, and empty fields for what is not known', () => {
    const text = `${HEADER}\n2026-01-05T10:00:00Z,web 1,2097152,600000,300000,50000,524288\n1767607260,web 1,2097152,700000,,,\n`;
    const { scenario, inferred } = fitted({ 'a.csv': text });
    expect(scenario.guests).toMatchObject([
      { name: 'web_1', minKib: 524_288, swapKib: 262_144, files: { sizeKib: 300_000 }, demand: { bursts: null } },
    ]);
    expect([0, 60].map((atS) => usedAt(scenario, 'web_1', atS))).toEqual([650_000, 700_000]);
    expect(inferred.join('\n')).toMatch(/names are changed .*: "web 1"/);
  });

  it.each([
    ['another column', `${HEADER},x\n`, 'a.csv:1:59: unknown column "x"; columns are time, guest, memory_kib'],
    ['a missing column', 'time,guest,used_kib\n', 'a.csv:1:1: the header has no column memory_kib'],
    ['a column twice', 'time,guest,time,used_kib\n', 'a.csv:1:12: the column time is there twice'],
    ['a missing field', `${HEADER}\n1,web,2097152\n`, 'a.csv:2:7: this line has 3 fields, and the header 7'],
    [
      'no number',
      `${HEADER}\n1,web,2GiB,1,,,\n`,
      'a.csv:2:7: "2GiB" is not a size in KiB; write a number such as 1048576',
    ],
    ['a negative size', `${HEADER}\n1,web,2097152,-5,,,\n`, 'a.csv:2:15: "-5" is not a size in KiB: it is negative'],
    [
      'a huge size',
      `${HEADER}\n1,web,1e30,5,,,\n`,
      'a.csv:2:7: "1e30" is too large for a size in KiB; the most is 68719476736',
    ],
    [
      'more used than there is',
      `${HEADER}\n1,web,2097152,3000000,,,\n`,
      'a.csv:2:15: used_kib, 3000000, is more than memory_kib, 2097152',
    ],
    [
      'a quoted field',
      `${HEADER}\n1,"web",2097152,5,,,\n`,
      'a.csv:2:3: quoted fields are not read; write the fields without quotes',
    ],
    [
      'no time',
      `${HEADER}\nnoon,web,2097152,5,,,\n`,
      'a.csv:2:1: "noon" is not a time; write seconds such as 1767571200',
    ],
    ['no guest', `${HEADER}\n1,,2097152,5,,,\n`, 'a.csv:2:3: the name of the guest is missing'],
    ['no row', `${HEADER}\n`, 'x: no guest has a sample'],
    ['only tiny guests', `${HEADER}\n1,web,1000,5,,,\n`, 'x: no guest has a sample'],
  ])('with %s says where', (_, text, message) => {
    expect(() => fitted({ 'a.csv': text })).toThrow(NoDemandError);
    expect(() => fitted({ 'a.csv': text })).toThrow(message);
  });
});
