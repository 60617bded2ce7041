import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, type Run } from '../../../src/comparison/comparison.ts';
import { gateResults, parseGate, type Gate } from '../../../src/comparison/gates.ts';
import { measured } from './measured.ts';

function gate(text: string): Gate {
  const parsed = parseGate(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

describe('a gate', () => {
  it.each([
    ['stall<=10min', { value: 600 }],
    ['stall <= 90s', { value: 90 }],
    ['swap-in<=1GiB', { value: 1024 ** 2 }],
    ['stall-share<=1%', { value: 0.01 }],
    ['host-oom<=0', { value: 0 }],
    ['ksm>=1.5', { value: 1.5 }],
    ['stall<=+2%', { factor: 1.02 }],
    ['balloon>=-10%', { factor: 0.9 }],
  ])('%s has its limit in the unit of its figure', (text, limit) => {
    expect(gate(text).limit).toEqual(limit);
  });

  it.each([
    ['stall', /is not a gate; write one such as/],
    ['stall<1s', /is not a gate/],
    ['pain<=1', /^there is no figure "pain"; there are oom, stall, stall-share/],
    ['stall<=5', /^5 has no unit; write/],
    ['host-oom<=none', /"none" is not a number/],
    ['swap-in<=1GB', /did you mean 1GiB/],
  ])('%s is refused with what would be right', (text, problem) => {
    expect(parseGate(text)).toEqual({ problem: expect.stringMatching(problem) as string });
  });

  it('of any text is a gate or a problem', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseGate(text)));
  });
});

describe('the results of gates', () => {
  const scenarios = [{ name: 'day', story: 'A day.', durationS: 60, guests: 1, promised: 1 }];
  const run = (policy: string, pain: Parameters<typeof measured>[0]): Run => ({
    ...{ scenario: 'day', policy, seed: 1, measured: measured(pain) },
  });
  const results = (runs: readonly Run[], gates: readonly string[]) => {
    const policies = [...new Set(runs.map(({ policy }) => policy))];
    return gateResults(compare({ scenarios, policies, seeds: [1], runs }), gates.map(gate)).map(
      ({ policy, value, limit, passed }) => [policy, value, limit, passed],
    );
  };

  it('are of all policies but the first, which is what there is today', () => {
    const runs = [run('today', { hostOomKills: 3 }), run('new', { hostOomKills: 1, guestOomKills: 1 })];
    expect(results(runs, ['host-oom<=1', 'oom<=1'])).toEqual([
      ['new', 1, 1, true],
      ['new', 2, 1, false],
    ]);
    expect(results(runs.slice(0, 1), ['host-oom<=1'])).toEqual([['today', 3, 1, false]]);
  });

  it('are against the first policy where the gate says so', () => {
    const runs = [run('today', { stallS: 100 }), run('a', { stallS: 101 }), run('b', { stallS: 103 })];
    expect(results(runs, ['stall<=+2%'])).toEqual([
      ['a', 101, 102, true],
      ['b', 103, 102, false],
    ]);
  });

  it('are kept where there is no such figure', () => {
    expect(results([run('today', {}), run('a', {})], ['unfairness<=0.5'])).toEqual([['a', null, 0.5, true]]);
  });
});
