import { describe, expect, it } from 'vitest';
import { RecordingAnalysis } from '../../../src/analysis/recording-analysis.ts';
import { PAIN } from '../../../guards/memory/pain.ts';
import { PAIN_LIMITS } from '../../../src/model/pain-signs.ts';
import type { FieldValue } from '../../../src/model/field.ts';
import type { RecordedInterval, RecordingHeader } from '../../../src/recording/format.ts';
import { guestSnapshot, header, uuidOf } from '../../support/builders.ts';
import { DAY_FROM, DAY_HEADER, recordedDay } from '../../support/recorded-day.ts';

const GIB = 1024 * 1024;
const FIELDS = {
  host_fields: ['mem_available', 'mem_unused', 'mem_free', 'ksm_saved', 'ksmd_cpu_usage'],
  guest_fields: ['balloon_cur', 'balloon_max', 'usable', 'balloon_rss', 'oom_kill', 'stats_age'],
};
const HEADER = header(FIELDS);

function interval(
  timeMs: number,
  host: readonly FieldValue[] | null,
  guests: readonly FieldValue[][],
  changes: Partial<RecordedInterval> = {},
): RecordedInterval {
  const snapshots = guests.map((sample, at) => guestSnapshot(at + 1, sample));
  return { snapshot: { timeMs, host, guests: snapshots, problems: [] }, context: false, policy: null, ...changes };
}

function analysisOf(
  intervals: Iterable<RecordedInterval>,
  { header: own = HEADER, buckets = 720 }: { header?: RecordingHeader; buckets?: number } = {},
) {
  const analysis = new RecordingAnalysis({ buckets });
  analysis.begin(own);
  for (const each of intervals) analysis.add(each);
  return analysis.result()!;
}

const HOST = [10 * GIB, 4 * GIB, 6 * GIB, GIB, 5];
const GUEST = [2 * GIB, 4 * GIB, GIB, 3 * GIB, 0, 1];

describe('the analysis of a recording', () => {
  it('adds up the memory of the host', () => {
    const { host } = analysisOf([interval(0, HOST, [GUEST])]);
    expect(host.moments).toEqual([
      {
        ...{ totalKib: 10 * GIB, freeKib: 4 * GIB, cacheKib: 2 * GIB, guestsKib: 2 * GIB, otherKib: 2 * GIB },
        ...{ savedKib: GIB, hugePagesKib: null, swapKib: null, ksmdPercent: 5, pressurePercent: null },
        allocatableKib: 6 * GIB,
      },
    ]);
    expect(host.tightest).toMatchObject({ timeMs: 0, reading: { allocatableKib: 6 * GIB } });
  });

  it('has gaps where nothing is known: no zeros', () => {
    const { host, guests, missingSeconds } = analysisOf([
      interval(0, HOST, [GUEST]),
      interval(5000, null, []),
      interval(10_000, [10 * GIB, 4 * GIB, 6 * GIB, null, null], [[2 * GIB, 4 * GIB, null, null, null, 1]]),
      // Not recorded for a while.
      interval(60_000, HOST, [[2 * GIB, 4 * GIB, GIB, 3 * GIB, 0, 61]]),
    ]);
    expect(host.moments.map((moment) => moment?.guestsKib ?? null).slice(0, 6)).toEqual([
      2 * GIB,
      0,
      null,
      null,
      null,
      null,
    ]);
    expect(host.saved.highs).toEqual([GIB, null, null, ...new Array<null>(9).fill(null), GIB]);
    const [{ series }] = guests as [(typeof guests)[0]];
    expect(series.actual.highs).toEqual([
      2 * GIB,
      null,
      2 * GIB,
      2 * GIB,
      2 * GIB,
      ...new Array<null>(7).fill(null),
      2 * GIB,
    ]);
    expect(series.target.highs).toEqual(new Array<null>(13).fill(null));
    // The last statistics are too old.
    expect(series.used.highs).toEqual([GIB, ...new Array<null>(12).fill(null)]);
    expect(missingSeconds).toBe(35);
  });

  it('fills the time between two intervals that are late, so that lines have no gaps from jitter', () => {
    const { guests } = analysisOf([0, 5100, 9900, 15_100].map((t) => interval(t, HOST, [GUEST])));
    expect(guests[0]!.series.actual.highs).toEqual(new Array(4).fill(2 * GIB));
  });

  it('keeps the figures of KSM where the hypervisor does not answer apart from zero', () => {
    const unreachable = { collector: 'hypervisor', guest: null, message: 'no connection' };
    const { host } = analysisOf([
      { ...interval(0, HOST, []), snapshot: { ...interval(0, HOST, []).snapshot, problems: [unreachable] } },
    ]);
    expect(host.moments[0]).toMatchObject({ savedKib: null, guestsKib: null, otherKib: null, freeKib: 4 * GIB });
    expect(host.saved.highs).toEqual([null]);
  });

  it('counts memory over time by mechanism', () => {
    const hour = Array.from({ length: 720 }, (_, n) => interval(n * 5000, HOST, [GUEST]));
    const { host, guests } = analysisOf(hour);
    expect(host).toMatchObject({ hours: 1, balloonKibHours: 2 * GIB, ksmKibHours: GIB });
    expect(guests[0]).toMatchObject({ takenKibHours: 2 * GIB, seconds: 3600 });
  });

  it('draws the target that Ballast wrote from the next interval on, and counts what was not done', () => {
    const action = (to: number) => ({
      ...{
        controller: 'Balloon',
        control: 'balloon_target',
        guest: { name: 'guest-1', uuid: uuidOf(1) },
        from: 2 * GIB,
        to,
      },
      ...{ message: '', reason: 'why', position: null, notes: [] },
    });
    const policy = (to: number, status: 'done' | 'refused') => ({
      policy: { requests: [], errors: [], held: [], outcomes: [{ action: action(to), status, detail: null }] },
    });
    const { guests } = analysisOf([
      interval(0, HOST, [GUEST], policy(GIB, 'done')),
      interval(5000, HOST, [GUEST], policy(2 * GIB, 'refused')),
      interval(10_000, HOST, [GUEST], { relief: policy(3 * GIB, 'done').policy }),
      interval(15_000, HOST, [GUEST]),
    ]);
    expect(guests[0]).toMatchObject({ taken: 1, given: 1, failed: 1 });
    expect(guests[0]!.series.target.highs).toEqual([null, GIB, GIB, 3 * GIB]);
  });

  it('sees pain in the counters of guests where a recording has no field for it', () => {
    const { guests } = analysisOf([
      interval(0, HOST, [[...GUEST.slice(0, 4), 0, 0]]),
      interval(5000, HOST, [[...GUEST.slice(0, 4), 2, 0]]),
      interval(10_000, HOST, [[...GUEST.slice(0, 4), 2, 0]]),
    ]);
    expect(guests[0]).toMatchObject({ painSeconds: 5, oomKills: 2 });
    expect(guests[0]!.series.pain).toEqual([0, 5, 0]);
  });

  it('uses the limits of the guard', () => {
    const { swap_in, major_faults, alloc_stalls } = PAIN.keys;
    expect([swap_in.default, major_faults.default, alloc_stalls.default]).toEqual([
      `${PAIN_LIMITS.swap_in}KiB`,
      PAIN_LIMITS.major_faults,
      PAIN_LIMITS.alloc_stalls,
    ]);
  });

  it('reads on when the clock is set back, and in the next file with other fields', () => {
    const analysis = new RecordingAnalysis();
    analysis.begin(HEADER);
    for (const t of [100_000, 105_000, 90_000, 95_000]) analysis.add(interval(t, HOST, [GUEST]));
    analysis.begin(header({ ...FIELDS, guest_fields: ['balloon_max', 'balloon_cur'] }));
    analysis.add(interval(100_000, HOST, [[4 * GIB, 3 * GIB]]));
    expect(analysis.result()).toMatchObject({
      clockSetBack: 1,
      intervals: 5,
      fromMs: 90_000,
      toMs: 105_000,
      guests: [{ lastKib: 3 * GIB }],
    });
  });

  it('has no result without intervals', () => {
    expect(new RecordingAnalysis().result()).toBeNull();
    const analysis = new RecordingAnalysis();
    analysis.begin(HEADER);
    analysis.add({ ...interval(0, HOST, [GUEST]), context: true });
    expect(analysis.result()).toBeNull();
  });

  it('counts guests beyond those that it analyses', () => {
    const many = Array.from({ length: 1003 }, () => GUEST);
    const { guests, guestsLeftOut, host } = analysisOf([interval(0, HOST, many)]);
    expect([guests.length, guestsLeftOut]).toEqual([1000, 3]);
    expect(host.moments[0]!.guestsKib).toBe(1003 * 3 * GIB - GIB);
  });

  it('loses no decision and no hold of a day', () => {
    const intervals = [...recordedDay({ guests: 5, intervals: 3000 })];
    const { guests, holds } = analysisOf(intervals, { header: DAY_HEADER, buckets: 100 });
    const lines = intervals.flatMap(({ policy }) => policy ?? []);
    const outcomes = lines.flatMap((line) => line.outcomes);
    expect(outcomes.length).toBeGreaterThan(100);
    expect(guests.reduce((sum, { taken, given, failed }) => sum + taken + given + failed, 0)).toBe(outcomes.length);
    const episodes = guests.flatMap((guest) => guest.episodes);
    expect(episodes.reduce((sum, { writes }) => sum + writes, 0)).toBe(outcomes.length);
    const held = lines.reduce((sum, line) => sum + line.held.length, 0);
    expect(holds.reduce((sum, { requests }) => sum + requests, 0)).toBe(held);
    expect(holds.flatMap(({ perBucket }) => perBucket).reduce((one, other) => one + other)).toBe(held);
    expect(Math.min(...episodes.map(({ fromMs }) => fromMs))).toBeGreaterThanOrEqual(DAY_FROM);
  });
});
