import { describe, expect, it } from 'vitest';
import { ksm } from '../../../controllers/ksm.ts';
import { foreignWriters } from '../../../guards/foreign-writers.ts';
import { guards } from '../../../guards/index.ts';
import { plan } from '../../../src/engine/plan.ts';
import { Recollections } from '../../../src/engine/recollections.ts';
import type { FOREIGN_WRITERS } from '../../../guards/support/foreign-settings.ts';
import type { Condition } from '../../../src/model/condition.ts';
import type { Outcome, Plan } from '../../../src/model/decision.ts';
import type { SettingsOf } from '../../../src/plugin/settings.ts';
import { inputOf, requestOf, settingsWith, type Fields } from '../../support/planning.ts';
import { START_MS } from '../../support/kernel.ts';

const HOST: Fields = {
  ksm_run: 0,
  ksm_pages_to_scan: 100,
  ksm_sleep_millisecs: 20,
  ksm_advisor_mode: 'none',
  ksm_merge_across_nodes: 1,
  ksm_pages_shared: 0,
  ksm_services: '',
};

type Wanted = Readonly<Record<string, number | string>>;

interface Result extends Plan {
  readonly conditions: readonly Condition[];
}

interface Circumstances {
  readonly status?: Outcome['status'];
  readonly afterMs?: number;
}

/** A host with Ballast and somebody else, ten seconds between two intervals. */
function world(foreign_writers: Readonly<Record<string, number | string>> = {}) {
  const settings = settingsWith({}, { foreign_writers, ksm_pace: { enabled: true } });
  const foreign = settings['foreign_writers'] as SettingsOf<typeof FOREIGN_WRITERS.keys>;
  let host = { ...HOST };
  let memory = Recollections.of(guards);
  let outcomes: readonly Outcome[] = [];
  let timeMs = START_MS;
  return {
    /** Somebody else writes. */
    change(changes: Fields) {
      host = { ...host, ...changes };
    },
    /** @param status of all writes; only those that are done change the host */
    interval(wanted: Wanted, { status = 'done', afterMs = 10_000 }: Circumstances = {}): Result {
      timeMs += afterMs;
      const input = inputOf(host, [], timeMs);
      memory = memory.next(input, outcomes, settings);
      const requests = Object.entries(wanted).map(([name, value]) => requestOf(name, value));
      const result = plan(
        { guards, controllers: [ksm] },
        { requests, errors: [] },
        input,
        settings,
        memory.state(settings),
      );
      outcomes = result.actions.map((action) => ({ action, status, detail: null }));
      for (const { control, to } of result.actions) {
        if (status !== 'done') continue;
        // As the kernel does.
        if (control === 'ksm_advisor_mode') host = { ...host, ksm_pages_to_scan: to === 'none' ? 100 : 500 };
        host = { ...host, [control]: to as number | string };
      }
      const conditions = foreignWriters.conditions!(input, foreign, memory.state(settings));
      return { ...result, conditions };
    },
  };
}

const written = ({ actions }: Plan) => actions.map(({ control, to }) => `${control} ${String(to)}`);
const told = ({ conditions }: Result) => conditions.map(({ text, recurring }) => [text, recurring]);

const INSISTS =
  'KSM run was changed from 1 to 0, and not by Ballast. Look for ksmtuned, MOM, a script or an ' +
  'administrator. Ballast writes it again each time; foreign_writers.ksm can be yield or stop instead';

describe('a KSM setting that something else changes', () => {
  it('is written again, and told as one condition', () => {
    const { change, interval } = world();
    expect(told(interval({ ksm_run: 1 }))).toEqual([]);
    expect(told(interval({ ksm_run: 1 }))).toEqual([]);
    for (let again = 0; again < 3; again++) {
      change({ ksm_run: 0 });
      const result = interval({ ksm_run: 1 });
      expect(told(result)).toEqual([[INSISTS, 'ksm_run']]);
      expect(written(result)).toEqual(['ksm_run 1']);
    }
    // Nothing to write: the notice lasts.
    expect(told(interval({ ksm_run: 1 }))).toEqual([[INSISTS, 'ksm_run']]);
  });

  it('is told although no policy requests anything', () => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    change({ ksm_run: 2 });
    expect(interval({}).conditions).toMatchObject([
      { guest: null, over: 'KSM run is no longer changed by anything else' },
    ]);
  });

  it('is told with the services that may do it', () => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    change({ ksm_run: 0, ksm_services: 'ksmtuned momd' });
    expect(told(interval({}))[0]?.[0]).toContain('. Running services that write KSM: ksmtuned, momd. Ballast');
  });

  it('is forgotten after an hour without another change', () => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    change({ ksm_run: 0 });
    interval({ ksm_run: 1 });
    // The guards' time advances by at most five minutes in each interval.
    for (let minutes = 5; minutes < 60; minutes += 5)
      expect(told(interval({ ksm_run: 1 }, { afterMs: 300_000 }))).toHaveLength(1);
    expect(told(interval({ ksm_run: 1 }, { afterMs: 300_000 }))).toEqual([]);
  });

  it('is left alone for an hour by one who yields, others are not', () => {
    const { change, interval } = world({ ksm: 'yield' });
    const wanted = { ksm_run: 1, ksm_pages_to_scan: 200 };
    interval(wanted);
    change({ ksm_run: 0, ksm_sleep_millisecs: 50 });
    const result = interval({ ...wanted, ksm_pages_to_scan: 300 });
    expect(written(result)).toEqual(['ksm_pages_to_scan 300']);
    expect(result.held).toMatchObject([
      {
        control: 'ksm_run',
        why: 'KSM run was changed from 1 to 0, and not by Ballast; Ballast leaves it alone for 60 min more',
      },
    ]);
    expect(told(result)).toEqual([[expect.stringContaining('leaves it alone for a while'), undefined]]);
    for (let minutes = 5; minutes < 60; minutes += 5)
      expect(written(interval({ ksm_run: 1 }, { afterMs: 300_000 }))).toEqual([]);
    expect(written(interval({ ksm_run: 1 }, { afterMs: 300_000 }))).toEqual(['ksm_run 1']);
  });

  it('is left alone for longer while the other one goes on', () => {
    const { change, interval } = world({ ksm: 'yield' });
    interval({ ksm_pages_to_scan: 200 });
    for (let pages = 300; pages < 3000; pages += 100) {
      change({ ksm_pages_to_scan: pages });
      expect(written(interval({ ksm_pages_to_scan: 200 }, { afterMs: 300_000 }))).toEqual([]);
    }
  });

  it('limits the pages where the other one makes ksmd sleep less', () => {
    const { change, interval } = world({ ksm: 'yield' });
    interval({ ksm_sleep_millisecs: 30, ksm_pages_to_scan: 50 });
    change({ ksm_sleep_millisecs: 2 });
    expect(written(interval({ ksm_sleep_millisecs: 30, ksm_pages_to_scan: 400 }))).toEqual(['ksm_pages_to_scan 64']);
  });

  it('stops all of KSM, for ever', () => {
    const { change, interval } = world({ ksm: 'stop' });
    interval({ ksm_run: 1 });
    change({ ksm_run: 0 });
    for (let minutes = 0; minutes < 120; minutes += 5) {
      const result = interval({ ksm_run: 1, ksm_pages_to_scan: 200, ksm_sleep_millisecs: 20 }, { afterMs: 300_000 });
      expect(written(result)).toEqual([]);
      expect(result.held.filter(({ kind }) => kind === 'held')).toMatchObject([
        {
          control: 'ksm_run',
          why: 'KSM run was changed from 1 to 0, and not by Ballast; Ballast leaves KSM alone until it is restarted',
        },
        { control: 'ksm_pages_to_scan' },
      ]);
    }
  });

  it('is not looked at by one who ignores it', () => {
    const { change, interval } = world({ ksm: 'ignore' });
    interval({ ksm_run: 1 });
    change({ ksm_run: 0 });
    const result = interval({ ksm_run: 1 });
    expect(told(result)).toEqual([]);
    expect(written(result)).toEqual(['ksm_run 1']);
  });
});

describe('what is no foreign change', () => {
  it('is the pages that the advisor sets, and that turning it off resets', () => {
    const { change, interval } = world();
    interval({ ksm_pages_to_scan: 200 });
    interval({ ksm_advisor_mode: 'scan-time' });
    change({ ksm_pages_to_scan: 700 });
    expect(told(interval({}))).toEqual([]);
    change({ ksm_pages_to_scan: 10 });
    expect(told(interval({ ksm_advisor_mode: 'none' }))).toEqual([]);
    expect(told(interval({}))).toEqual([]);
  });

  it('is the pages of an advisor that somebody turns on and off', () => {
    const { change, interval } = world();
    interval({ ksm_pages_to_scan: 200, ksm_advisor_mode: 'none' });
    change({ ksm_advisor_mode: 'scan-time', ksm_pages_to_scan: 500 });
    expect(told(interval({}))).toEqual([]);
    change({ ksm_advisor_mode: 'none', ksm_pages_to_scan: 100 });
    expect(told(interval({}))).toEqual([]);
  });

  it.each<Outcome['status']>(['failed', 'refused'])('is what a %s write left: its value is unknown', (status) => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    // A refused unmerge stops KSM; a write that timed out may come later.
    interval({ ksm_run: 2 }, { status });
    change({ ksm_run: 0 });
    expect(told(interval({}))).toEqual([]);
  });

  it('is a dry run, which writes nothing', () => {
    const { interval } = world();
    interval({ ksm_run: 1 }, { status: 'dry-run' });
    expect(told(interval({ ksm_run: 1 }, { status: 'dry-run' }))).toEqual([]);
  });

  it('is a value that could not be read, but the one that is read after it may be', () => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    change({ ksm_run: null });
    expect(told(interval({}))).toEqual([]);
    change({ ksm_run: 1 });
    expect(told(interval({}))).toEqual([]);
    change({ ksm_run: 0 });
    expect(told(interval({}))).toHaveLength(1);
  });

  it('is what Ballast has not written', () => {
    const { change, interval } = world();
    interval({ ksm_run: 1 });
    change({ ksm_pages_to_scan: 5000, ksm_merge_across_nodes: 0 });
    expect(told(interval({ ksm_pages_to_scan: 200 }))).toEqual([]);
  });
});
