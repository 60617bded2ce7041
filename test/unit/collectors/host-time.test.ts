import { describe, expect, it } from 'vitest';
import { hostTime } from '../../../collectors/host-time.ts';
import { contextOf, fixtureHost } from '../../support/kernel.ts';

describe('host-time', () => {
  it('returns the fields of local time', () => {
    const local = new Date(2026, 11, 31, 23, 59, 58, 123);
    const { collect } = hostTime.create(contextOf(fixtureHost('bare'), { now: () => local.getTime() }));
    expect(collect()).toEqual({
      time_year: 2026,
      time_month: 12,
      time_day: 31,
      time_hour: 23,
      time_minute: 59,
      time_second: 58,
      time_microsecond: 123000,
    });
  });
});
