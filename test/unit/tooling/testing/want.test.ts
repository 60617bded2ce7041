import { describe, expect, it } from 'vitest';
import type { ControlDecl, PolicyScalar } from '../../../../src/model/control.ts';
import type { RawWant } from '../../../../src/tooling/testing/raw.ts';
import { fits, readWant } from '../../../../src/tooling/testing/want.ts';

const MEMORY: ControlDecl = {
  name: 'balloon_target',
  scope: 'guest',
  type: 'number',
  unit: 'KiB',
  doc: '',
  source: '',
};
const TEXT: ControlDecl = {
  name: 'ksm_advisor_mode',
  scope: 'host',
  type: 'string',
  unit: 'none',
  doc: '',
  source: '',
};

describe('expectations for a control', () => {
  it.each<readonly [RawWant, readonly PolicyScalar[], readonly PolicyScalar[]]>([
    [1024, [1024, 1024 * (1 + 1e-10)], [1024.1, 1023.9, '1024', null, [1024]]],
    ['1MiB', [1024], [1025]],
    ['1MiB ± 1%', [1024, 1034.24, 1013.76], [1034.3, 1013.7]],
    ['1MiB ± 4KiB', [1028, 1020], [1028.1]],
    ['1MiB +- 4', [1028], [1029]],
    ['-1MiB +/- 1%', [-1034.24], [-1035]],
    [0, [0], [0.001]],
    [true, [true, 1], [0, 2, 'true']],
    ['any', [0, 'x', null, []], []],
    [{ value: '1MiB', within: '1%' }, [1034], [1035]],
    [{ value: 1024, within: 1 }, [1025, 1023], [1026]],
    [{ min: '1MiB' }, [1024, 9e9], [1023]],
    [{ max: '1MiB' }, [1024, -1], [1025]],
    [{ min: 1, max: 2 }, [1, 1.5, 2], [0.9, 2.1, 'x']],
    [{ because: 'swap' }, [1], []],
    [null, [], [1]],
  ])('%j', (raw, right, wrong) => {
    const read = readWant(MEMORY, raw);
    if ('problem' in read) throw new Error(read.problem);
    expect(right.filter((value) => !fits(read.value, value))).toEqual([]);
    expect(wrong.filter((value) => fits(read.value, value))).toEqual([]);
  });

  it.each<readonly [RawWant, ControlDecl, string]>([
    ['soon', MEMORY, '"soon" is not a number of KiB'],
    ['1MiB ± 1 ± 2', MEMORY, 'has two tolerances'],
    ['1MiB ± -1', MEMORY, '"-1" is not a tolerance, such as 1% or 4MiB'],
    ['1MiB ± 1s', MEMORY, '"1s" is not a number of KiB'],
    ['1MiB ± 1.2.3%', MEMORY, 'is not a tolerance'],
    [{ value: 1, min: 1 }, MEMORY, 'takes either value (and within) or min and max'],
    [{ value: null }, MEMORY, 'write null in place of the group'],
    [{ within: 1 }, MEMORY, 'within goes with value: {value: …, within: 1}'],
    [{ min: 2, max: 1 }, MEMORY, 'min 2 is more than max 1'],
    [{ min: 'x' }, MEMORY, '"x" is not a number of KiB'],
    [{ max: 1 }, TEXT, 'is a text: it has no min and max'],
    [{ value: 'none', within: 1 }, TEXT, 'is a text, which has no tolerance'],
    [{ because: '' }, MEMORY, 'because is empty'],
    [
      { because: '/(a/' },
      MEMORY,
      'because: "/(a/" is not a regular expression of RE2: error parsing regexp: missing closing )',
    ],
    [{ because: '/(?=a)/' }, MEMORY, 'is not a regular expression of RE2'],
  ])('%j is a problem', (raw, control, problem) => {
    expect(readWant(control, raw)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it.each([
    ['swap', 'guest.swap_in > 0', true],
    ['/swap_in > \\d+/', 'guest.swap_in > 10', true],
    ['/^swap/', 'guest.swap_in > 10', false],
    ['/', 'a / b', true],
  ])('because %s', (because, reason, want) => {
    const read = readWant(MEMORY, { because });
    expect('value' in read && read.value.because?.fits(reason)).toBe(want);
  });

  it('takes linear time for a pattern with exponential backtracking', () => {
    const read = readWant(MEMORY, { because: '/^(a+)+$/' });
    const began = performance.now();
    expect('value' in read && read.value.because?.fits(`${'a'.repeat(10_000)}b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
