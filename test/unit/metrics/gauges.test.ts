import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../src/model/interval-report.ts';
import { daemonState, metricsReport, renderedGauges } from '../../support/metrics.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';

const MIB = 1024 ** 2;
const POSITION = { file: 'a.policy', line: 1, column: 1 };
const request = (name: string, guest: number | null, value: number | string) => ({
  ...{ name, value, reason: null, position: POSITION },
  guest: guest === null ? null : { name: `guest-${guest}`, uuid: uuidOf(guest) },
});

function evaluated(requests: readonly ReturnType<typeof request>[], held: Judgement['plan']['held'] = []): Judgement {
  return { evaluated: true, decision: { requests, errors: [] }, plan: { actions: [], held } };
}

function balloonHeld(guest: number, guard?: string): Judgement['plan']['held'][number] {
  const of = { name: `guest-${guest}`, uuid: uuidOf(guest) };
  const held = { controller: 'balloon', control: 'balloon_target', guest: of, wanted: 1, why: 'because' };
  return { kind: 'held', ...held, ...(guard !== undefined && { guard }) };
}

describe('the gauges of the daemon', () => {
  it('are there before the first interval, and those of hosts and guests are not', async () => {
    const series = await renderedGauges(daemonState({ connected: false }));
    expect([...series].filter(([name]) => !/_total|_sum|_count|_bucket/.test(name))).toEqual([
      ['ballast_build_info{version="1.2.3",node="v20.19.0"}', 1],
      ['ballast_policy_info{policy="/etc/ballast/a.policy",sha256="0123456789ab"}', 1],
      ['ballast_dry_run', 0],
      ['ballast_collect_interval_seconds', 5],
      ['ballast_policy_interval_seconds', 10],
      ['ballast_recording_failing', 0],
      ['ballast_libvirt_connected', 0],
    ]);
  });

  it('count the conditions of each guard', async () => {
    const of = { guest: null, text: 'x' };
    const conditions = [
      { ...of, guard: 'stuck' },
      { ...of, guard: 'stuck' },
      { ...of, guard: 'pain', level: 'info' as const },
    ];
    const series = await renderedGauges(daemonState({ last: metricsReport({ conditions: () => conditions }) }));
    expect(series.get('ballast_conditions{guard="stuck",level="warn"}')).toBe(2);
    expect(series.get('ballast_conditions{guard="pain",level="info"}')).toBe(1);
  });
});

describe('the gauges of the host', () => {
  it('are in base units', async () => {
    const last = metricsReport({
      snapshot: snapshot(1_800_000_000_500, [], [4096, 8192, 16_384, 2, 3, 1024, -4096, 12.5]),
      figures: () => ({ host: { reserveKib: 512, grantedKib: 0, reservedKib: 100, spareKib: -7 }, guests: new Map() }),
    });
    const series = await renderedGauges(
      daemonState({ last, lastEvaluated: { timeMs: 1000, judgement: evaluated([]) } }),
    );
    expect(Object.fromEntries([...series].filter(([name]) => /^ballast_(host|ksm|guests|last)/.test(name)))).toEqual({
      ballast_host_allocatable_bytes: 4 * MIB,
      ballast_host_ordinary_bytes: 8 * MIB,
      ballast_host_reserve_bytes: MIB / 2,
      ballast_host_granted_bytes: 0,
      ballast_host_reserved_bytes: 102_400,
      ballast_host_spare_bytes: -7168,
      ballast_host_promised_bytes: 16 * MIB,
      ballast_host_overcommit_ratio: 2,
      ballast_ksm_saved_bytes: MIB,
      ballast_ksm_profit_bytes: -4096,
      ballast_ksmd_cpu_ratio: 0.125,
      ballast_guests_running: 3,
      ballast_guests_evaluated: 0,
      ballast_last_interval_timestamp_seconds: 1_800_000_000.5,
      ballast_last_evaluation_timestamp_seconds: 1,
    });
  });

  it('are absent, not 0, when they are unknown', async () => {
    for (const host of [null, [], [null, undefined, 'x', Number.NaN, Infinity]]) {
      const last = metricsReport({ snapshot: snapshot(0, [], host as never) });
      const names = [...(await renderedGauges(daemonState({ last }))).keys()];
      expect(names.filter((name) => name.startsWith('ballast_host') || name.startsWith('ballast_ksm'))).toEqual([]);
    }
  });

  it('are absent where they are sums over guests that are unknown', async () => {
    const host = [4096, 8192, 0, 0, 0, 0, 0, 0];
    const problems = [{ collector: 'hypervisor', guest: null, message: 'not connected to libvirt' }];
    const last = metricsReport({ snapshot: { ...snapshot(0, [], host), problems } });
    const names = [...(await renderedGauges(daemonState({ last }))).keys()];
    expect(names.filter((name) => /_host_|_ksm|_guests_/.test(name))).toEqual([
      'ballast_host_allocatable_bytes',
      'ballast_host_ordinary_bytes',
      'ballast_ksm_profit_bytes',
      'ballast_ksmd_cpu_ratio',
    ]);
  });

  it('show what the policy wants of KSM, whatever the guards made of it', async () => {
    const requests = [
      request('ksm_run', null, 1),
      request('ksm_pages_to_scan', null, 300),
      request('ksm_sleep_millisecs', null, 20),
      request('ksm_advisor_mode', null, 'none'),
    ];
    const lastEvaluated = { timeMs: 0, judgement: evaluated(requests) };
    const series = await renderedGauges(daemonState({ last: metricsReport(), lastEvaluated }));
    expect(series.get('ballast_ksm_wanted_run')).toBe(1);
    expect(series.get('ballast_ksm_wanted_pages_to_scan')).toBe(300);
    expect(series.get('ballast_ksm_wanted_sleep_seconds')).toBe(0.02);
    expect(series.has('ballast_ksm_wanted_merge_across_nodes')).toBe(false);
  });
});

describe('the gauges of guests', () => {
  it('show what only Ballast knows', async () => {
    const guests = [
      guestSnapshot(1, [2048, true, false, false, 12, 3072]),
      guestSnapshot(2, [2048, false, null, false, null]),
    ];
    const last = metricsReport({
      snapshot: snapshot(0, guests, []),
      figures: () => ({
        host: {},
        guests: new Map([
          [uuidOf(1), { floorKib: 512, targetKib: 1024, grantedKib: 0 }],
          [uuidOf(9), { floorKib: 1 }],
        ]),
      }),
    });
    const judgement = evaluated(
      [request('balloon_target', 1, 768), request('balloon_target', 2, Number.NaN)],
      [balloonHeld(1, 'pain'), balloonHeld(2), { ...balloonHeld(1, 'rhythm'), control: 'other' }],
    );
    const series = await renderedGauges(daemonState({ last, lastEvaluated: { timeMs: 0, judgement } }));
    expect(Object.fromEntries([...series].filter(([name]) => name.startsWith('ballast_guest_')))).toEqual({
      [`ballast_guest_info{domain="guest-1",uuid="${uuidOf(1)}"}`]: 1,
      [`ballast_guest_info{domain="guest-2",uuid="${uuidOf(2)}"}`]: 1,
      'ballast_guest_floor_bytes{domain="guest-1"}': MIB / 2,
      'ballast_guest_taken_bytes{domain="guest-1"}': MIB,
      'ballast_guest_wanted_bytes{domain="guest-1"}': 786_432,
      'ballast_guest_target_bytes{domain="guest-1"}': MIB,
      'ballast_guest_granted_bytes{domain="guest-1"}': 0,
      'ballast_guest_held{domain="guest-1",guard="pain"}': 1,
      'ballast_guest_held{domain="guest-2",guard=""}': 1,
      'ballast_guest_pain_age_seconds{domain="guest-1"}': 12,
      'ballast_guest_stuck{domain="guest-1"}': 1,
      'ballast_guest_stuck{domain="guest-2"}': 0,
      'ballast_guest_doubted{domain="guest-1"}': 0,
      'ballast_guest_not_returning{domain="guest-1"}': 0,
      'ballast_guest_not_returning{domain="guest-2"}': 0,
    });
  });

  it('have no series for a guest that is gone, although the policy has decided about it', async () => {
    const lastEvaluated = {
      timeMs: 0,
      judgement: evaluated([request('balloon_target', 1, 5)], [balloonHeld(1, 'pain')]),
    };
    const series = await renderedGauges(daemonState({ last: metricsReport(), lastEvaluated }));
    expect([...series.keys()].filter((name) => name.includes('domain'))).toEqual([]);
  });
});

describe('the gauges of a shadow', () => {
  const policies = [{ policy: 'b.policy', sha256: '0123456789ab' }];

  it('are its files, and what it would have now', async () => {
    const none = await renderedGauges(daemonState());
    expect([...none.keys()].filter((name) => /shadow_(?:info|difference)/.test(name))).toEqual([]);
    const begun = await renderedGauges(daemonState({ shadow: { policies, last: null } }));
    expect([...begun.keys()].filter((name) => /shadow_(?:info|difference)/.test(name))).toEqual([
      'ballast_shadow_info{policy="b.policy",sha256="0123456789ab"}',
    ]);
    const series = await renderedGauges(daemonState({ shadow: { policies, last: { moreKib: 1, lessKib: 0 } } }));
    expect(series.get('ballast_shadow_difference_bytes{direction="more"}')).toBe(1024);
    expect(series.get('ballast_shadow_difference_bytes{direction="less"}')).toBe(0);
  });
});
