import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCase } from '../../../../src/cli/handlers/eval-cases.ts';
import { layoutOf, type FieldValue } from '../../../../src/model/field.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import type { PolicyInput } from '../../../../src/model/snapshot.ts';
import { evaluate, loadPolicy, type Value } from '../../../../src/policy/index.ts';

/** A sample, with the milliseconds since the previous one. */
type Reading = readonly [afterMs: number, value: FieldValue | undefined];
/** `:last N` or `:over SECONDS`; null: the whole history. */
type Window = { readonly kind: 'last' | 'over'; readonly value: number } | null;

const METHODS = ['StatAvg', 'StatMin', 'StatMax', 'StatDelta', 'StatRate', 'StatTrend', 'StatAge'] as const;

const programs = new Map(
  (['', ':last n', ':over n'] as const).map((window) => {
    const text = METHODS.map((method) => `(Host.${method} "field" ${window})`).join('\n');
    const { program } = loadPolicy([{ file: 'policy', text: `(defvar n (Host.Prop "n")) ${text}` }]);
    return [window, program!];
  }),
);

function results(readings: readonly Reading[], window: Window): readonly Value[] {
  let timeMs = 1_700_000_000_000;
  const times = readings.map(([afterMs]) => (timeMs += afterMs));
  const input: PolicyInput = {
    timeMs,
    hostLayout: layoutOf(['field']),
    guestLayout: layoutOf([]),
    host: { props: { n: window?.value ?? null }, samples: readings.map(([, value]) => [value]), times },
    guests: [],
  };
  const program = programs.get(window === null ? '' : window.kind === 'last' ? ':last n' : ':over n')!;
  return evaluate(program, input, EMPTY_MEMORY, { collectResults: true }).results.slice(1);
}

/** The reference implementation: a monotonic clock, the samples of the window, then textbook formulas. */
function expected(readings: readonly Reading[], window: Window): readonly (number | null)[] {
  let clockMs = 0;
  const dated = readings.map(([afterMs, value], at) => ({
    ms: at === 0 ? 0 : (clockMs += Math.max(0, afterMs)),
    value,
  }));
  const inside = dated.filter(({ ms }, at) => {
    if (window === null) return true;
    return window.kind === 'last' ? at >= dated.length - window.value : (clockMs - ms) / 1000 <= window.value;
  });
  const points = inside
    .filter(({ value }) => value !== null && value !== undefined)
    .map(({ ms, value }) => ({ s: ms / 1000, y: Number(value) }));
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined) return [0, null, null, null, null, null, null];
  const ys = points.map(({ y }) => y);
  const sum = (of: (point: { s: number; y: number }) => number) =>
    points.reduce((total, point) => total + of(point), 0);
  const delta = last.y - first.y;
  const seconds = last.s - first.s;
  const n = points.length;
  const slope = () => {
    const [meanS, meanY] = [sum(({ s }) => s) / n, sum(({ y }) => y) / n];
    return sum(({ s, y }) => (s - meanS) * (y - meanY)) / sum(({ s }) => (s - meanS) ** 2);
  };
  return [
    sum(({ y }) => y) / n,
    Math.min(...ys),
    Math.max(...ys),
    delta,
    seconds > 0 ? delta / seconds : null,
    seconds > 0 ? slope() : null,
    clockMs / 1000 - last.s,
  ];
}

describe('statistics over a window', () => {
  const value = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
  );
  const reading = fc.tuple(
    fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.constantFrom(0, 5000, 10_000)),
    value,
  );
  const readings = fc.array(reading, { minLength: 1, maxLength: 12 });
  const windows = fc.oneof(
    fc.constant(null),
    fc.record({ kind: fc.constant('last' as const), value: fc.integer({ min: 1, max: 15 }) }),
    fc.record({ kind: fc.constant('over' as const), value: fc.constantFrom(0, 4.999, 5, 10, 15, 20, 60, 1000) }),
  );

  test('match their definitions for any samples, clock and window', () => {
    fc.assert(
      fc.property(readings, windows, (seen, window) => {
        const got = results(seen, window);
        const want = expected(seen, window);
        METHODS.forEach((method, at) => {
          const [is, should] = [got[at], want[at] ?? null];
          if (should === null || is === null) expect(is, method).toBe(should);
          else
            expect(Math.abs((is as number) - should), `${method}: ${String(is)}, not ${should}`).toBeLessThanOrEqual(
              1e-6 * Math.max(1, Math.abs(should)),
            );
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('give a straight line one slope, whatever the distance of its samples', () => {
    const gap = fc.integer({ min: 1, max: 3_600_000 });
    fc.assert(
      fc.property(
        fc.array(gap, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: -100, max: 100 }),
        (gaps, slope) => {
          let seconds = 0;
          const line = gaps.map((afterMs, at): Reading => [
            afterMs,
            slope * (seconds += at === 0 ? 0 : afterMs / 1000),
          ]);
          const [, , , , rate, trend] = results(line, null) as number[];
          expect(rate).toBeCloseTo(slope, 5);
          expect(trend).toBeCloseTo(slope, 5);
        },
      ),
    );
  });

  test('cost one step per sample', () => {
    const file = (window: string) => [{ file: 'policy', text: `(Host.StatMax "field" ${window})` }];
    const host = {
      props: {},
      samples: Array.from({ length: 2000 }, () => [1]),
      times: Array.from({ length: 2000 }, (_, at) => at),
    };
    const input: PolicyInput = {
      timeMs: 0,
      hostLayout: layoutOf(['field']),
      guestLayout: layoutOf([]),
      host,
      guests: [],
    };
    const errors = (window: string) => {
      const { program } = loadPolicy(file(window), { limits: { steps: 1000 } });
      return evaluate(program!, input, EMPTY_MEMORY).diagnostics.map(({ code }) => code);
    };
    expect([errors(''), errors(':over 1h'), errors(':last 1900')]).toEqual([
      ['too-many-steps'],
      ['too-many-steps'],
      ['too-many-steps'],
    ]);
    expect([errors(':last 900'), errors(':over 0.9s')]).toEqual([[], []]);
  });

  test('give no rate or slope if no time has passed, even with inexact timestamps', () => {
    const [, , , delta, rate, trend, age] = results(
      [
        [0.1, 1],
        [0, 2],
        [0, 4],
      ],
      null,
    );
    expect([delta, rate, trend, age]).toEqual([3, null, null, 0]);
  });
});

/** One line of history.jsonl: a case for `ballast eval --cases`. `error` is part of the first message. */
interface Line {
  readonly note: string;
  readonly want: { readonly results: readonly unknown[] } | { readonly error: string };
}

/** Numbers rounded to nine decimals. */
function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === 'number' ? Math.round(value * 1e9) / 1e9 : value;
}

describe('history.jsonl', () => {
  const lines = readFileSync(new URL('../../../cases/history.jsonl', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  test.each(lines.map((line) => [(JSON.parse(line) as Line).note, line] as const))('%s', (_, line) => {
    const { want } = JSON.parse(line) as Line;
    const { results, errors } = runCase(line);
    if ('error' in want) {
      expect(errors[0]?.message).toContain(want.error);
    } else {
      expect(errors).toEqual([]);
      expect(rounded(results)).toEqual(rounded(want.results));
    }
  });
});
