import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ksm } from '../../../controllers/ksm.ts';
import { inputOf, planOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';
import { defineGuard } from '../../../src/plugin/guard.ts';
import { guards } from '../../../guards/index.ts';
import { plan } from '../../../src/engine/plan.ts';

const HOST: Fields = {
  ksm_run: 1,
  ksm_pages_to_scan: 100,
  ksm_sleep_millisecs: 20,
  ksm_advisor_mode: 'none',
  ksm_advisor_max_pages_to_scan: 30_000,
  ksm_pages_shared: 0,
};

type Wanted = Readonly<Record<string, number | string>>;

const requestsOf = (wanted: Wanted) => Object.entries(wanted).map(([name, value]) => requestOf(name, value));

const planFor = (wanted: Wanted, host: Fields = {}, enabled = true) =>
  planOf(ksm, requestsOf(wanted), inputOf({ ...HOST, ...host }), settingsWith({}, { ksm_pace: { enabled } }));

const written = (...args: Parameters<typeof planFor>) =>
  planFor(...args).actions.map(({ control, to }) => `${control.replace('ksm_', '')} ${String(to)}`);

describe('the sleep of ksmd', () => {
  it.each<[string, Wanted, Fields, readonly string[]]>([
    ['a short sleep with many pages', { ksm_sleep_millisecs: 0 }, {}, ['sleep_millisecs 10']],
    ['a fraction below the limit', { ksm_sleep_millisecs: 9.9 }, {}, ['sleep_millisecs 10']],
    ['a negative sleep', { ksm_sleep_millisecs: -5 }, {}, ['sleep_millisecs 10']],
    ['few pages', { ksm_sleep_millisecs: 5, ksm_pages_to_scan: 64 }, {}, ['sleep_millisecs 5', 'pages_to_scan 64']],
    [
      'few pages without any sleep',
      { ksm_sleep_millisecs: 0, ksm_pages_to_scan: 64 },
      {},
      ['sleep_millisecs 1', 'pages_to_scan 64'],
    ],
    [
      'both too fast',
      { ksm_sleep_millisecs: 5, ksm_pages_to_scan: 65 },
      {},
      ['sleep_millisecs 10', 'pages_to_scan 65'],
    ],
    ['the last allowed value', { ksm_sleep_millisecs: 10 }, {}, ['sleep_millisecs 10']],
    [
      'an advisor that may scan more',
      { ksm_sleep_millisecs: 5 },
      { ksm_advisor_mode: 'scan-time', ksm_pages_to_scan: 10 },
      ['sleep_millisecs 10'],
    ],
    [
      'an advisor that may not',
      { ksm_sleep_millisecs: 5 },
      { ksm_advisor_mode: 'scan-time', ksm_advisor_max_pages_to_scan: 64 },
      ['sleep_millisecs 5'],
    ],
    [
      'an advisor that is turned off, which sets 100 pages',
      { ksm_sleep_millisecs: 5, ksm_advisor_mode: 'none' },
      { ksm_advisor_mode: 'scan-time', ksm_advisor_max_pages_to_scan: 64, ksm_pages_to_scan: 64 },
      ['advisor_mode none', 'sleep_millisecs 10'],
    ],
  ])('%s', (_what, wanted, host, actions) => {
    expect(written(wanted, host)).toEqual(actions);
  });

  it('is raised with the reason', () => {
    expect(planFor({ ksm_sleep_millisecs: 0 }).actions[0]?.notes).toEqual([
      'raised from 0 to 10: ksmd sleeps at least 10 ms between scans of more than 64 pages (here 100)',
    ]);
  });
});

describe('a sleep that is too short already', () => {
  const SHORT: Fields = { ksm_sleep_millisecs: 0, ksm_pages_to_scan: 64, ksm_run: 0 };

  it.each<[string, Wanted, Fields, readonly string[]]>([
    ['more pages', { ksm_pages_to_scan: 200 }, {}, ['sleep_millisecs 10', 'pages_to_scan 200']],
    [
      'fewer pages, yet too many',
      { ksm_pages_to_scan: 80 },
      { ksm_pages_to_scan: 100 },
      ['sleep_millisecs 10', 'pages_to_scan 80'],
    ],
    ['starting ksmd', { ksm_run: 1 }, {}, ['sleep_millisecs 1', 'run 1']],
    ['turning the advisor on', { ksm_advisor_mode: 'scan-time' }, {}, ['advisor_mode scan-time', 'sleep_millisecs 10']],
    [
      'a sleep that is requested anyway',
      { ksm_pages_to_scan: 200, ksm_sleep_millisecs: 50 },
      {},
      ['sleep_millisecs 50', 'pages_to_scan 200'],
    ],
    ['stopping ksmd', { ksm_run: 0 }, { ksm_run: 1 }, ['run 0']],
    ['nothing at all', {}, {}, []],
  ])('%s', (_what, wanted, host, actions) => {
    expect(written(wanted, { ...SHORT, ...host })).toEqual(actions);
  });

  it('is raised with the reason', () => {
    expect(planFor({ ksm_pages_to_scan: 200 }, SHORT).actions[0]).toMatchObject({
      message: 'KSM sleep_millisecs from 0 to 10',
      reason: 'is 0: ksmd sleeps at least 10 ms between scans of more than 64 pages (here 200)',
    });
  });

  it.each<[string, Wanted, Fields, readonly string[]]>([
    ['more pages', { ksm_pages_to_scan: 200 }, { ksm_pages_to_scan: 20 }, ['pages_to_scan 64']],
    ['more than too many pages', { ksm_pages_to_scan: 200 }, { ksm_pages_to_scan: 100 }, []],
    ['fewer pages, yet too many', { ksm_pages_to_scan: 80 }, { ksm_pages_to_scan: 100 }, ['pages_to_scan 80']],
    ['starting ksmd', { ksm_run: 1 }, {}, []],
    ['starting ksmd with few pages', { ksm_run: 1 }, { ksm_sleep_millisecs: 5 }, ['run 1']],
    ['turning the advisor on', { ksm_advisor_mode: 'scan-time' }, {}, []],
  ])('limits the rest when another guard keeps it: %s', (_what, wanted, host, actions) => {
    const keepsSleep = defineGuard({
      name: 'keeps-sleep',
      doc: '',
      beforePlan: (requests) =>
        new Map(
          requests
            .filter(({ name }) => name === 'ksm_sleep_millisecs')
            .map((request) => [request, { kind: 'hold', why: '' }]),
        ),
    });
    const result = plan(
      { guards: [keepsSleep, ...guards], controllers: [ksm] },
      { requests: requestsOf(wanted), errors: [] },
      inputOf({ ...HOST, ...SHORT, ...host }),
      settingsWith({}, { ksm_pace: { enabled: true } }),
    );
    expect(result.actions.map(({ control, to }) => `${control.replace('ksm_', '')} ${String(to)}`)).toEqual(actions);
  });

  it('is accepted without the guard', () => {
    expect(written({ ksm_pages_to_scan: 200 }, SHORT, false)).toEqual(['pages_to_scan 200']);
  });
});

describe('any requests on any host', () => {
  it('never make ksmd too fast', () => {
    const sleep = fc.integer({ min: -1, max: 15 });
    const pages = fc.integer({ min: 0, max: 200 });
    const mode = fc.constantFrom('none', 'scan-time');
    const knobs = {
      ksm_sleep_millisecs: sleep,
      ksm_pages_to_scan: pages,
      ksm_advisor_mode: mode,
      ksm_advisor_max_pages_to_scan: pages,
      ksm_run: fc.constantFrom(0, 1),
    };
    const wantedKnobs = fc.record(knobs, { requiredKeys: [] });
    fc.assert(
      fc.property(wantedKnobs, fc.record({ ...knobs, ksm_sleep_millisecs: fc.nat(15) }), (wanted, host) => {
        const { actions } = planFor(wanted, host);
        const after: Record<string, number | string> = { ...host };
        for (const { control, to } of actions) {
          if (control === 'ksm_advisor_mode' && to === 'none') after['ksm_pages_to_scan'] = 100;
          after[control] = to as number | string;
        }
        const most =
          after[after['ksm_advisor_mode'] === 'none' ? 'ksm_pages_to_scan' : 'ksm_advisor_max_pages_to_scan'];
        const slow = Number(after['ksm_sleep_millisecs']) >= (Number(most) > 64 ? 10 : 1);
        const onlyStops = Object.keys(wanted).every((name) => name === 'ksm_run' && wanted.ksm_run === 0);
        expect(slow || onlyStops).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
