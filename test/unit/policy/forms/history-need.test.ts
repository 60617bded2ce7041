import { describe, expect, it } from 'vitest';
import { historyWarning } from '../../../../src/compose/history-warning.ts';
import { keptSnapshots } from '../../../../src/model/history-need.ts';
import { loadPolicy } from '../../../../src/policy/index.ts';

function needOf(text: string) {
  const { program, diagnostics } = loadPolicy([{ file: 'p.policy', text }]);
  expect(diagnostics).toEqual([]);
  return program!;
}

describe('the samples that a policy looks back on', () => {
  it.each([
    ['none, without a window', '(Host.StatAvg "mem_free")', { samples: 0, seconds: 0, position: null }],
    ['the largest number', '(+ (Host.StatMin "a" :last 3) (Host.StatMin "a" :last 20))', { samples: 20, seconds: 0 }],
    [
      'the longest time',
      '(+ (Host.StatMin "a" :over 2min) (Host.StatMin "a" :over 30s))',
      { samples: 0, seconds: 120 },
    ],
    ['a number and a time', '(+ (Host.StatMin "a" :last 3) (Host.StatMin "a" :over 30s))', { samples: 3, seconds: 30 }],
    ['what a function looks at', '(def f (vm) (vm.StatMin "a" :over 1h)) (map Guests g (f g))', { seconds: 3600 }],
    [
      'a parameter, up to its maximum',
      '(param back 1min "" :max 5min) (Host.StatMin "a" :over back)',
      { seconds: 300 },
    ],
    ['a parameter by default', '(param back 1min "") (Host.StatMin "a" :over back)', { seconds: 60 }],
    ['not what is calculated', '(Host.StatMin "a" :over (* 2 30s))', { seconds: 0 }],
  ])('are %s', (_, text, expected) => {
    expect(needOf(text).historyNeed).toMatchObject(expected);
  });

  it.each([
    [{ samples: 0, seconds: 0 }, 10, 10],
    [{ samples: 5, seconds: 0 }, 10, 10],
    [{ samples: 50, seconds: 0 }, 10, 50],
    // Both ends of the minute count.
    [{ samples: 0, seconds: 60 }, 10, 13],
    [{ samples: 0, seconds: 61 }, 10, 14],
    [{ samples: 0, seconds: 86_400 }, 10, 1000],
  ])('%o are kept beside a history of %i: %i', (need, history, kept) => {
    expect(keptSnapshots({ ...need, position: null }, history, 5000)).toBe(kept);
  });

  it('are warned of when they are too many', () => {
    const config = { collectIntervalMs: 5000 };
    expect(historyWarning(needOf('(Host.StatMin "a" :over 83min)'), config)).toBeNull();
    expect(historyWarning(needOf('1\n(Host.StatMin "a" :over 24h)'), config)).toBe(
      'p.policy:2:19: this looks back on 86400 s, but at most 1000 samples are kept, ' +
        "4995 s with the config's collect_interval; it sees only those",
    );
    expect(historyWarning(needOf('(Host.StatMin "a" :last 2000)'), config)).toContain('the last 2000 samples');
  });
});
