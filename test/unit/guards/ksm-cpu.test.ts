import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ksm } from '../../../controllers/ksm.ts';
import { inputOf, planOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';

const HOST: Fields = {
  ksm_run: 1,
  ksm_pages_to_scan: 1000,
  ksm_sleep_millisecs: 10,
  ksm_advisor_mode: 'none',
  ksm_advisor_max_cpu: 40,
  ksm_advisor_max_pages_to_scan: 30_000,
  ksm_advisor_min_pages_to_scan: 500,
  ksm_advisor_target_scan_time: 200,
  ksm_pages_shared: 0,
};

const CAPPED = settingsWith({}, { ksm_cpu: { enabled: true } });

type Wanted = Readonly<Record<string, number | string>>;

/** @param usage of ksmd in percent, oldest first */
const planFor = (wanted: Wanted, usage: readonly (number | null)[], host: Fields = {}, settings = {}) =>
  planOf(
    ksm,
    Object.entries(wanted).map(([name, value]) => requestOf(name, value)),
    inputOf(usage.map((percent) => ({ ...HOST, ...host, ksmd_cpu_usage: percent }))),
    settingsWith({}, { ksm_cpu: { enabled: true, ...settings } }),
  );

const written = (...args: Parameters<typeof planFor>) =>
  planFor(...args).actions.map(({ control, to }) => `${control.replace('ksm_', '')} ${String(to)}`);

const SIXTY = [60, 60, 60];

describe('ksmd above its limit of CPU time', () => {
  // 1000 pages in 15 ms after 10 ms of sleep: 60 %. With 10 ms of scanning it would be 50 %.
  it.each<[string, Wanted, readonly string[]]>([
    ['more pages', { ksm_pages_to_scan: 1300 }, ['pages_to_scan 666']],
    ['the same pages', { ksm_pages_to_scan: 1000 }, ['pages_to_scan 666']],
    ['fewer pages, yet too many', { ksm_pages_to_scan: 800 }, ['pages_to_scan 666']],
    ['few enough pages', { ksm_pages_to_scan: 600 }, ['pages_to_scan 600']],
    [
      'more pages with much more sleep',
      { ksm_pages_to_scan: 1300, ksm_sleep_millisecs: 30 },
      ['sleep_millisecs 30', 'pages_to_scan 1300'],
    ],
    [
      'more pages with a little more sleep',
      { ksm_pages_to_scan: 1300, ksm_sleep_millisecs: 12 },
      ['sleep_millisecs 12', 'pages_to_scan 800'],
    ],
    ['the same sleep', { ksm_sleep_millisecs: 10 }, ['sleep_millisecs 15']],
    ['more sleep, yet too little', { ksm_sleep_millisecs: 12 }, ['sleep_millisecs 15']],
    ['enough sleep', { ksm_sleep_millisecs: 20 }, ['sleep_millisecs 20']],
    ['stopping', { ksm_run: 0 }, ['run 0']],
    ['another setting', { ksm_advisor_target_scan_time: 100 }, ['advisor_target_scan_time 100']],
    ['nothing', {}, []],
  ])('%s', (_what, wanted, actions) => {
    expect(written(wanted, SIXTY)).toEqual(actions);
  });

  it('says what it was measured to use', () => {
    expect(planFor({ ksm_pages_to_scan: 1300 }, SIXTY).actions[0]?.notes).toEqual([
      'lowered from 1300 to 666: ksmd used 60 % of a CPU in the last 3 samples, with 1000 pages each 10 ms (limit 50 %)',
    ]);
  });

  it('keeps what it has within a tenth of the limit, but does not scan more', () => {
    expect(written({ ksm_pages_to_scan: 1000 }, [52])).toEqual([]);
    expect(written({ ksm_pages_to_scan: 1300 }, [52])).toEqual([]);
    expect(planFor({ ksm_pages_to_scan: 1300 }, [52]).held).toMatchObject([
      { kind: 'held', why: expect.stringContaining('52 %') },
    ]);
    expect(written({ ksm_sleep_millisecs: 10 }, [51])).toEqual([]);
  });
});

describe('ksmd below its limit', () => {
  it.each<[string, Wanted, readonly number[], readonly string[]]>([
    ['gets what fits by the measured cost', { ksm_pages_to_scan: 5000 }, [40, 40], ['pages_to_scan 1500']],
    ['gets all that fits', { ksm_pages_to_scan: 1400 }, [40, 40], ['pages_to_scan 1400']],
    ['gets twice as much at most', { ksm_pages_to_scan: 5000 }, [25, 25], ['pages_to_scan 2000']],
    ['scans no faster than it may at its worst cost', { ksm_pages_to_scan: 1400 }, [45, 25], ['pages_to_scan 1222']],
    ['keeps what fits now, whatever it has cost', { ksm_pages_to_scan: 1000 }, [90, 5], []],
    ['scans no faster when it has cost too much', { ksm_pages_to_scan: 1001 }, [90, 5], []],
    ['may sleep as little as fits', { ksm_sleep_millisecs: 10, ksm_pages_to_scan: 1000 }, [40], []],
    ['gets twice as much at most while it costs nothing', { ksm_pages_to_scan: 100_000 }, [0], ['pages_to_scan 2000']],
    [
      'may sleep half as long at most',
      { ksm_sleep_millisecs: 0, ksm_pages_to_scan: 10 },
      [0],
      ['sleep_millisecs 0', 'pages_to_scan 1'],
    ],
  ])('%s', (_what, wanted, usage, actions) => {
    expect(written(wanted, usage)).toEqual(actions);
  });
});

describe('what is measured', () => {
  const more: Wanted = { ksm_pages_to_scan: 1300 };
  const full = ['pages_to_scan 1300'];

  it.each<[string, readonly (number | null)[], Fields, Readonly<Record<string, number | boolean>>, readonly string[]]>([
    ['is unknown where ksmd is not visible', [null, null], {}, {}, full],
    ['is unknown before ksmd runs', SIXTY, { ksm_run: 0 }, {}, full],
    ['has another limit', SIXTY, {}, { max: 0.8 }, full],
    ['has no limit', [99], {}, { max: 1 }, full],
    ['is not limited', [99], {}, { enabled: false }, full],
    ['is all of a CPU: the least pages', [100, 100], {}, {}, ['pages_to_scan 10']],
    ['has a limit of nothing', SIXTY, {}, { max: 0 }, ['pages_to_scan 1']],
  ])('%s', (_what, usage, host, settings, actions) => {
    expect(written(more, usage, host, settings)).toEqual(actions);
  });

  it('is the mean of so many samples', () => {
    const same: Wanted = { ksm_pages_to_scan: 1000 };
    expect(written(same, [90, 90, 60, 0, 0], {}, { max: 0.4 })).toEqual([]);
    expect(written(same, [90, 90, 60, 0, 0], {}, { max: 0.4, samples: 5 })).toEqual(['pages_to_scan 722']);
  });

  it('ends where the settings were others', () => {
    const samples = [
      { ...HOST, ksm_pages_to_scan: 5000, ksmd_cpu_usage: 95 },
      { ...HOST, ksmd_cpu_usage: 40 },
    ];
    const { actions } = planOf(ksm, [requestOf('ksm_pages_to_scan', 1000)], inputOf(samples), CAPPED);
    expect(actions).toEqual([]);
  });

  it('is assumed before ksmd runs', () => {
    const start = (wanted: Wanted, host: Fields) => written({ ksm_run: 1, ...wanted }, [0], { ksm_run: 0, ...host });
    expect(start({ ksm_pages_to_scan: 100_000 }, {})).toEqual(['pages_to_scan 2000', 'run 1']);
    expect(start({ ksm_pages_to_scan: 1250 }, { ksm_pages_to_scan: 64 })).toEqual(['pages_to_scan 1250', 'run 1']);
    expect(start({ ksm_pages_to_scan: 5000 }, { ksm_pages_to_scan: 4000 })).toEqual(['run 1']);
    expect(start({}, { ksm_pages_to_scan: 4000 })).toEqual(['run 1']);
  });

  it('starts ksmd whatever it used before', () => {
    const samples = [
      { ...HOST, ksmd_cpu_usage: 95 },
      { ...HOST, ksm_run: 0, ksmd_cpu_usage: 95 },
    ];
    const { actions } = planOf(ksm, [requestOf('ksm_run', 1)], inputOf(samples), CAPPED);
    expect(actions).toMatchObject([{ to: 1 }]);
  });
});

describe("the kernel's advisor", () => {
  const advised: Fields = { ksm_advisor_mode: 'scan-time', ksm_sleep_millisecs: 20 };

  it('gets the same limit at most', () => {
    expect(planFor({ ksm_advisor_max_cpu: 70 }, [0]).actions).toMatchObject([
      { to: 50, notes: ['lowered from 70 to 50: the most of one CPU that ksmd may use, %'] },
    ]);
  });

  it.each<[string, Wanted, readonly string[]]>([
    ['a higher limit', { ksm_advisor_max_cpu: 45 }, []],
    ['more pages at most', { ksm_advisor_max_pages_to_scan: 40_000 }, []],
    ['more pages at least', { ksm_advisor_min_pages_to_scan: 600 }, []],
    ['a faster scan', { ksm_advisor_target_scan_time: 100 }, []],
    ['less sleep', { ksm_sleep_millisecs: 10 }, []],
    ['a lower limit', { ksm_advisor_max_cpu: 30 }, ['advisor_max_cpu 30']],
    ['a slower scan', { ksm_advisor_target_scan_time: 400 }, ['advisor_target_scan_time 400']],
    ['more sleep', { ksm_sleep_millisecs: 50 }, ['sleep_millisecs 50']],
    ['no advisor', { ksm_advisor_mode: 'none' }, ['advisor_mode none']],
  ])('above the limit is not made faster: %s', (_what, wanted, actions) => {
    expect(written(wanted, SIXTY, advised)).toEqual(actions);
  });

  it('is not turned on above the limit', () => {
    expect(written({ ksm_advisor_mode: 'scan-time' }, SIXTY)).toEqual([]);
    expect(written({ ksm_advisor_mode: 'scan-time' }, [40])).toEqual(['advisor_mode scan-time']);
  });
});

describe('a policy that always asks for the most', () => {
  it('comes to rest at the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 64, max: 5000 }), (microseconds, most) => {
        let pages = 100;
        const samples: Fields[] = [];
        let moves = 0;
        for (let interval = 0; interval < 60; interval++) {
          const busyMs = (pages * microseconds) / 1000;
          const ksmd_cpu_usage = (100 * busyMs) / (busyMs + 10);
          samples.push({ ...HOST, ksm_pages_to_scan: pages, ksmd_cpu_usage });
          const request = requestOf('ksm_pages_to_scan', Math.max(64, Math.min(most, pages + 300)));
          const { actions } = planOf(ksm, [request], inputOf(samples.slice(-10)), CAPPED);
          if (interval >= 40) moves += actions.length;
          pages = Number(actions[0]?.to ?? pages);
        }
        expect(moves).toBe(0);
        const busyMs = (pages * microseconds) / 1000;
        expect(pages === 1 || busyMs / (busyMs + 10) <= 0.56).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
