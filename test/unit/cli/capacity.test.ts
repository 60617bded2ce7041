import { describe, expect, it } from 'vitest';
import { findCapacity, type CapacityOptions } from '../../../src/cli/handlers/capacity.ts';
import { capacityJson, capacityText } from '../../../src/cli/handlers/capacity-text.ts';
import { brokenLimits, type CapacitySearch, type SeedSearch } from '../../../src/comparison/capacity.ts';
import { parseGate, type Gate } from '../../../src/comparison/gates.ts';
import { OperatorError } from '../../../src/support/operator-error.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { measured } from '../comparison/measured.ts';
import { guestSpec, scenario } from '../simulation/specs.ts';

// What runs in threads is in test/process/cli/capacity.test.ts.

const limits = ['stall-share<=1%', 'oom<=0'].map((text) => parseGate(text) as Gate);

const BASE: CapacityOptions = {
  ...{
    files: ['scenarios/leak.yaml'],
    config: null,
    policies: ['mom-balloon'],
    parameters: [],
    limits,
    seed: 1,
    seeds: 1,
  },
  ...{ durationMs: null, jobs: 1, cache: false, json: false },
};

describe('ballast capacity', () => {
  it.each([
    ['a scenario that is not there', { files: ['nowhere.yaml'] }, 'nowhere.yaml: there is no such file or directory'],
    ['a policy that is not there', { policies: ['nothing'] }, /there is no policy "nothing"/],
    ['no policy', { policies: [] }, /^no policy given: use --policy balanced/],
  ])('of %s does nothing and says so', async (_, changes, message) => {
    const io = capturedIo();
    const failed = findCapacity({ ...BASE, ...changes }, io, new AbortController().signal);
    await expect(failed).rejects.toThrow(OperatorError);
    await expect(failed).rejects.toThrow(message);
    expect(io.stdout.text).toBe('');
  });

  it('that is stopped at once says that nothing is known', async () => {
    const io = capturedIo();
    expect(await findCapacity(BASE, io, AbortSignal.abort())).toBe(1);
    expect(io.stderr.text).toBe('stopped: not all that was asked for is known\n');
  });
});

/** A seed that carries so many guests. */
function seedOf(seed: number, carries: number, bound: number | null): SeedSearch {
  const asked = new Map([
    [carries, true],
    [carries + 1, false],
  ]);
  const broken = new Map([[carries + 1, brokenLimits(measured({ stallS: 13 }), limits)]]);
  return { seed, asked, broken, bound };
}

describe('what was found', () => {
  const of = (...seeds: readonly SeedSearch[]): CapacitySearch => ({
    scenario: scenario(Array.from({ length: 40 }, (_, at) => guestSpec({ name: `web-${at}` }))),
    ...{ policy: 'mom-balloon+mom-ksm', limits, seeds, isFinished: true },
  });

  it('is in sentences, and the last one says how many more guests fit', () => {
    expect(capacityText(of(seedOf(1, 44, 51), seedOf(2, 46, 53))).split('\n')).toEqual([
      'test, mom-balloon+mom-ksm: within stall-share<=1%, oom<=0; seeds: 2, from 1 to 2',
      'carries 44 guests with every seed: with 95 % confidence, in at least 22 % of such days',
      'half of the seeds carry 44 or more, the best 46; on average 45, 95 % confidence interval 32.3 to 57.7',
      'at best 51 guests would fit with nobody waiting: this is 87 % of it',
      'what stops it at 45 (seed 1): guests waited for memory, of their running time: 1.3 % > 1 %',
      'would fit 4 more guests: 44 instead of 40',
      '',
    ]);
  });

  it('says what one seed cannot, what is not clear, and when it was stopped', () => {
    const unclear = seedOf(1, 38, null);
    unclear.asked.set(41, true);
    const text = capacityText({ ...of(unclear), isFinished: false });
    expect(text).toContain('carries 38 guests; other seeds may carry fewer: use --seeds 20\n');
    expect(text).toContain('seed 1 is not clear: 39 guests break a limit, 41 do not\n');
    expect(text).toMatch(/\nstopped: .*\nwould have to lose 2 guests: 38 instead of 40\n$/);
    expect(text).not.toContain('at best');
    expect(capacityText(of(seedOf(1, 40, 50)))).toMatch(/\nwould fit no more guests than the 40 of now\n$/);
  });

  it('is one object a line as JSON', () => {
    expect(JSON.parse(capacityJson([of(seedOf(1, 44, 51))]))).toMatchObject({
      ...{ scenario: 'test', policy: 'mom-balloon+mom-ksm', finished: true, now: 40, more: 4 },
      capacity: { least: 44, interval: null },
      seeds: [{ guests: 44, fails: 45, bound: 51, stops: [{ limit: 'stall-share<=1%', value: 0.013 }] }],
    });
  });
});
