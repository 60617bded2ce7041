import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseRatio, parseSize } from '../../../src/yaml/units.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5min', 300_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['1.5s', 1500],
    ['0.5ms', null],
    ['10 s', 10_000],
    ['0.001s', 1],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toEqual(
      ms === null ? { problem: '"0.5ms" is not a whole number of milliseconds' } : { value: ms },
    );
  });

  it.each([
    [10, '10 has no unit; write 10ms, 10s, 10min or 10h'],
    ['10', '10 has no unit; write 10ms, 10s, 10min or 10h'],
    ['10x', '"10x" is not a duration; write a number with ms, s, min or h, such as 5s'],
    ['5m', '"5m" is not a duration; did you mean 5min?'],
    ['5 Seconds', '"5 Seconds" is not a duration; did you mean 5s?'],
    ['-5s', '"-5s" is not a duration; write a number with ms, s, min or h, such as 5s'],
    [-5, '-5 is not a duration; write a number with ms, s, min or h, such as 5s'],
    [Number.NaN, 'NaN is not a duration; write a number with ms, s, min or h, such as 5s'],
    ['1e3s', '"1e3s" is not a duration; write a number with ms, s, min or h, such as 5s'],
    ['5constructor', '"5constructor" is not a duration; write a number with ms, s, min or h, such as 5s'],
    ['', '"" is not a duration; write a number with ms, s, min or h, such as 5s'],
    ['999999999999999h', '"999999999999999h" is too large'],
    [true, 'true is not a duration; write a number with ms, s, min or h, such as 5s'],
    [['5s'], 'a list is not a duration; write a number with ms, s, min or h, such as 5s'],
    [{}, 'a group of keys is not a duration; write a number with ms, s, min or h, such as 5s'],
  ])('rejects %j', (input, problem) => {
    expect(parseDuration(input)).toEqual({ problem });
  });

  it('parses every whole number of every unit exactly', () => {
    const units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('ms', 's', 'min', 'h'), (number, unit) => {
        expect(parseDuration(`${number}${unit}`)).toEqual({ value: number * units[unit] });
      }),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['262144KiB', 262_144],
    ['512MiB', 524_288],
    ['1GiB', 1_048_576],
    ['1.5GiB', 1_572_864],
    ['2TiB', 2_147_483_648],
    ['0KiB', 0],
  ])('%s', (text, kib) => {
    expect(parseSize(text)).toEqual({ value: kib });
  });

  it.each([
    [512, '512 has no unit; write 512KiB, 512MiB, 512GiB or 512TiB'],
    ['512MB', '"512MB" is not a size; did you mean 512MiB?'],
    ['512mib', '"512mib" is not a size; did you mean 512MiB?'],
    ['512M', '"512M" is not a size; did you mean 512MiB?'],
    ['0.3KiB', '"0.3KiB" is not a whole number of KiB'],
    ['lots', '"lots" is not a size; write a number with KiB, MiB, GiB or TiB, such as 512MiB'],
  ])('rejects %j', (input, problem) => {
    expect(parseSize(input)).toEqual({ problem });
  });
});

describe('ratios', () => {
  it.each([
    ['25%', 0.25],
    ['0%', 0],
    ['100%', 1],
    ['12.5 %', 0.125],
    [0.25, 0.25],
    ['0.25', 0.25],
    [0, 0],
    [1, 1],
  ])('%j', (input, value) => {
    expect(parseRatio(input)).toEqual({ value });
  });

  it.each([
    [25, '25'],
    ['101%', '"101%"'],
    [-0.1, '-0.1'],
    ['a quarter', '"a quarter"'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('rejects %j', (input, shown) => {
    expect(parseRatio(input)).toEqual({
      problem: `${shown} is not a ratio; write a percentage such as 25%, or a number from 0 to 1 such as 0.25`,
    });
  });
});

it('never throws and never returns a value that is not finite', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.anything()), (input) => {
      for (const parse of [parseDuration, parseSize, parseRatio]) {
        const parsed = parse(input);
        if ('value' in parsed) expect(Number.isFinite(parsed.value)).toBe(true);
        else expect(parsed.problem).not.toBe('');
      }
    }),
  );
});
