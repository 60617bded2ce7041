import { expect, it } from 'vitest';
import type { Run, Sample } from '../../../bench/ksm/run.ts';
import { resultTable } from '../../../bench/ksm/table.ts';

const MINUTES = 4;

/** @param mib by second @param cpuEach CPU seconds of ksmd in each second */
function run(mib: (second: number) => number, cpuEach: number): Run {
  const samples: Sample[] = Array.from({ length: MINUTES * 60 }, (_, at) => ({
    seconds: at + 1,
    savedMib: mib(at + 1),
    cpuS: (at + 1) * cpuEach,
  }));
  return { samples, touchedS: 40 };
}

it('compares what the others save with the first, and when it was nearly as much', () => {
  const table = resultTable([
    { title: 'most', run: run((second) => Math.min(800, second * 20), 0.8) },
    { title: 'slower', run: run((second) => Math.min(780, second * 10), 0.04) },
    { title: 'late', run: run((second) => second, 0.005) },
  ]);
  expect(table.split('\n').slice(2)).toEqual([
    '| most | 800 MiB | 100 % | 38 s | 192.0 s | 80 % |',
    '| slower | 780 MiB | 98 % | 76 s | 9.6 s | 4.0 % |',
    '| late | 180 MiB | 23 % | never | 1.2 s | 0.5 % |',
    '',
    'All memory was touched after 40 to 40 s.',
  ]);
});
