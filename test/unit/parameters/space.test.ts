import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDimension, valueAt, type Dimension } from '../../../src/parameters/space.ts';
import { bindOverrides, loadPolicy } from '../../../src/policy/index.ts';

const POLICY = `(param share 20% :min 0% :max 90%)
(param open 20%)
(param room 512MiB :min 4MiB :max 64GiB)
(param wait 30s :min 1s :max 1h)
(param count 5 :min 1 :max 10)
(param mode "gentle")
(param pace "slow" "how fast" :one-of ("slow" "fast"))
(defvar fixed 1) (param fixed 2)`;

const program = loadPolicy([{ file: 'p', text: POLICY }]).program!;

const read = (text: string) => readDimension(text, program, []);

function dimension(text: string): Dimension {
  const found = read(text);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

describe('a parameter to vary', () => {
  it.each([
    ['share=5%..40%', { from: 0.05, to: 0.4, today: '20%', unit: '%' }],
    ['share', { from: 0, to: 0.9 }],
    ['room=1GiB..2GiB', { from: 1024 ** 2, to: 2 * 1024 ** 2, unit: 'MiB' }],
    ['wait=500ms..2min', null],
    ['wait=1s..2min', { from: 1, to: 120 }],
    ['count', { from: 1, to: 10, unit: '', isWhole: true }],
  ])('%s', (text, expected) => {
    if (expected === null) expect(read(text)).toHaveProperty('problem');
    else expect(read(text)).toMatchObject(expected);
  });

  it('has the value of today where one is set', () => {
    const set = [{ name: 'share', target: { kind: 'all' as const }, given: '33%' }];
    expect(readDimension('share', program, set)).toMatchObject({ today: '33%' });
  });

  it.each([
    ['shares=1%..2%', /^unknown parameter "shares"; did you mean/],
    ['fixed', /fixed/],
    ['mode', 'mode is a text ("gentle"): only numbers can be varied'],
    ['pace', 'pace is a text (one of "slow", "fast"): only numbers can be varied'],
    ['open', 'open has no range in the policy; write one such as --param open=20%..20%'],
    ['share=5%', 'share=5% is not a range; write one such as share=0%..90%'],
    ['share=5%..95%', /^share: 95% is outside the range: 0% to 90%/],
    ['share=40%..5%', 'share=40%..5%: the first value must be less than the second'],
    ['share=..', /^share: /],
    ['room=1s..2s', /^room: /],
    ['', /./],
  ])('%s is refused with what would be right', (text, problem) => {
    const found = read(text);
    expect('problem' in found && found.problem).toMatch(problem);
  });

  it('of any text is one or a problem', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(text)));
    fc.assert(fc.property(fc.string(), (text) => void read(`share=${text}`)));
  });
});

describe('a value of it', () => {
  it('has the unit of the policy and few digits', () => {
    expect([0, 0.5, 0.999].map((share) => valueAt(dimension('share=5%..40%'), share))).toEqual(['5%', '22.5%', '40%']);
    expect([0, 0.51, 1].map((share) => valueAt(dimension('count'), share))).toEqual(['1', '3', '10']);
  });

  it('is spread over factors where the range is wide', () => {
    expect(valueAt(dimension('room=64MiB..1GiB'), 0.5)).toBe('256MiB');
    expect(valueAt(dimension('wait'), 0.5)).toBe('60s');
  });

  it('is one that the policy takes, in the range', () => {
    const names = fc.constantFrom(
      'share',
      'room',
      'wait',
      'count',
      'share=0.1%..0.3%',
      'wait=1s..3s',
      'room=4MiB..5MiB',
    );
    fc.assert(
      fc.property(names, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
        const { name, from, to, ...rest } = dimension(text);
        const given = valueAt({ name, from, to, ...rest }, share);
        const { bound, wrong } = bindOverrides(program, [{ name, target: { kind: 'all' }, given }]);
        expect(wrong).toEqual([]);
        expect(bound[0]!.value).toBeGreaterThanOrEqual(from);
        expect(bound[0]!.value).toBeLessThanOrEqual(to);
      }),
    );
  });
});
