import { describe, expect, it } from 'vitest';
import { HourlyStatistics, MOST_SERIES } from '../../../src/engine/hourly-statistics.ts';
import { layoutOf, type FieldValue } from '../../../src/model/field.ts';
import type { GuestSnapshot, PolicyInput } from '../../../src/model/snapshot.ts';
import { guestSnapshot, snapshot, uuidOf } from '../../support/builders.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 2);
const LAYOUTS = { host: layoutOf(['mem_free', 'time_hour']), guest: layoutOf(['mem_unused', 'balloon_max']) };
const NEED = { host: ['mem_free'], guest: ['mem_unused'] };
const WEEK = 7 * 86_400;

function subject(need = NEED): HourlyStatistics {
  const statistics = new HourlyStatistics(LAYOUTS);
  statistics.keep(need);
  return statistics;
}

/** Sixty snapshots in each hour, a minute apart. @param guests of the hour, counted from the start */
function pass(
  statistics: HourlyStatistics,
  [first, count]: readonly [first: number, count: number],
  guests: (hour: number) => readonly GuestSnapshot[],
  host: (hour: number) => FieldValue = () => 1,
): void {
  for (let hour = first; hour < first + count; hour += 1)
    for (let minute = 0; minute < 60; minute += 1)
      statistics.add(snapshot(START + hour * HOUR + minute * 60_000, guests(hour), [host(hour), hour % 24]));
}

const one = (unused: FieldValue, max: FieldValue = 9, id = 1) => [guestSnapshot(1, [unused, max], id)];

function seen(statistics: HourlyStatistics, guests: readonly GuestSnapshot[] = one(1)) {
  const view = { props: {}, samples: [], times: [] };
  const input = {
    ...{ timeMs: 0, hostLayout: LAYOUTS.host, guestLayout: LAYOUTS.guest, host: view },
    guests: guests.map(({ name, uuid }) => ({ name, uuid, ...view })),
  } satisfies PolicyInput;
  const { host, guests: all } = statistics.attach(input);
  return { host: host.past!, guest: all[0]!.past! };
}

/** Within 2.5 %. */
const near = (value: number) => expect.closeTo(value, -Math.log10(value * 0.05));

describe('statistics over days', () => {
  it('are of complete hours: nil in the first, the same all through an hour', () => {
    const statistics = subject();
    pass(statistics, [0, 1], () => one(1000));
    expect(seen(statistics).guest.percentile('mem_unused', 0.95, WEEK)).toBe(null);
    pass(statistics, [1, 1], () => one(9000));
    const { guest } = seen(statistics);
    expect(guest.percentile('mem_unused', 0.95, WEEK)).toEqual(near(1000));
    pass(statistics, [2, 1], () => one(1));
    // Policies must not see another value in an input that they have seen before.
    expect(guest.percentile('mem_unused', 0.5, WEEK)).toEqual(near(1000));
    expect(seen(statistics).guest.percentile('mem_unused', 0.95, WEEK)).toEqual(near(9000));
  });

  it('look back as far as they are told, and seven days at most', () => {
    const statistics = subject();
    pass(statistics, [0, 200], (hour) => one(hour < 100 ? 100 : 1000 + hour));
    const { guest } = seen(statistics);
    expect(guest.percentile('mem_unused', 0, 3600)).toEqual(near(1198));
    expect(guest.percentile('mem_unused', 0, 50 * 3600)).toEqual(near(1149));
    expect(guest.percentile('mem_unused', 0, WEEK)).toEqual(near(100));
    pass(statistics, [200, 69], () => one(5000));
    expect(seen(statistics).guest.percentile('mem_unused', 0, 2 * WEEK)).toEqual(near(1100));
    expect(statistics.state!.hours.length).toBe(7 * 24 + 1);
  });

  it('know the same hour of the days before', () => {
    const statistics = subject();
    pass(
      statistics,
      [0, 3 * 24 + 9],
      (hour) => one(hour % 24 === 8 ? 8000 : 100),
      (hour) => (hour % 24) * 100 + 1,
    );
    const { host, guest } = seen(statistics);
    expect(guest.sameHour('mem_unused', 0.5)).toEqual(near(8000));
    expect(host.sameHour('mem_free', 0.5)).toEqual(near(801));
  });

  it('need 60 samples, and skip nil', () => {
    const statistics = subject();
    pass(statistics, [0, 1], () => one(null));
    for (let at = 0; at < 59; at += 1) statistics.add(snapshot(START + HOUR + at, one(5), [1, 1]));
    statistics.add(snapshot(START + 2 * HOUR, one(5), [1, 2]));
    expect(seen(statistics).guest.percentile('mem_unused', 0.5, WEEK)).toBe(null);
    statistics.add(snapshot(START + 3 * HOUR, one(5), [1, 3]));
    expect(seen(statistics).guest.percentile('mem_unused', 0.5, WEEK)).toEqual(near(5));
  });

  it.each([
    ['a restart of the guest', one(50, 9, 2), true],
    ['another size without a restart', one(50, 18), true],
    ['a restart with another size', one(50, 18, 2), false],
  ])('after %s', (_, after, isKept) => {
    const statistics = subject();
    pass(statistics, [0, 2], () => one(50));
    statistics.add(snapshot(START + 2 * HOUR, after, [1, 2]));
    expect(seen(statistics).guest.percentile('mem_unused', 0.5, WEEK) !== null).toBe(isKept);
  });

  it('are dropped of a guest that was not there for seven days, and of a field that no policy names', () => {
    const statistics = subject();
    pass(statistics, [0, 1], () => one(50));
    pass(statistics, [1, 170], () => []);
    expect(statistics.state!.guests).toEqual([]);
    pass(statistics, [171, 2], () => one(50));
    statistics.keep({ host: [], guest: ['balloon_max'] });
    // Until the hour ends a reload can take the field back.
    expect([...statistics.state!.guests[0]!.fields.keys()]).toEqual(['mem_unused']);
    pass(statistics, [173, 2], () => one(50));
    expect([...statistics.state!.guests[0]!.fields.keys()]).toEqual(['balloon_max']);
    expect(statistics.state!.host.size).toBe(0);
  });

  it('continue in another daemon, within the hour too', () => {
    const [first, next, whole] = [subject(), subject(), subject()];
    const guests = (hour: number) => one(hour * 100 + 5);
    pass(first, [0, 30], guests);
    next.restore(first.state!);
    for (const each of [next, whole]) pass(each, each === whole ? [0, 32] : [30, 2], guests);
    for (const share of [0, 0.5, 0.95, 1])
      expect(seen(next).guest.percentile('mem_unused', share, WEEK)).toBe(
        seen(whole).guest.percentile('mem_unused', share, WEEK),
      );
    expect(next.state).toEqual(whole.state);
    expect(next.state!.guests.map(({ uuid, maxKib }) => [uuid, maxKib])).toEqual([[uuidOf(1), 9]]);
  });

  it('survive a clock that is set back or far forward', () => {
    const statistics = subject();
    pass(statistics, [500, 400], () => one(70));
    pass(statistics, [0, 400], () => one(50));
    expect(statistics.state!.hours.length).toBeLessThanOrEqual(7 * 24 + 1);
    expect(seen(statistics).guest.percentile('mem_unused', 0.95, WEEK)).toEqual(near(50));
  });

  it('are bounded in guests and fields', () => {
    const statistics = subject({ host: [], guest: ['mem_unused', 'balloon_max'] });
    const many = Array.from({ length: MOST_SERIES / 2 + 10 }, (_, at) => guestSnapshot(at, [1, 9]));
    statistics.add(snapshot(START, many.slice(0, -20), [1, 0]));
    expect(statistics.isFull).toBe(false);
    statistics.add(snapshot(START, many, [1, 0]));
    expect(statistics.isFull).toBe(true);
    const { guests } = statistics.state!;
    expect(guests.reduce((sum, { fields }) => sum + fields.size, 0)).toBe(MOST_SERIES);
  });

  it('cost nothing where no policy reads them', () => {
    const statistics = subject({ host: [], guest: ['no_such_field'] });
    pass(statistics, [0, 2], () => one(1));
    expect(statistics.isUsed).toBe(false);
    expect(statistics.state).toBe(null);
    const input = { guests: [] } as unknown as PolicyInput;
    expect(statistics.attach(input)).toBe(input);
  });
});
