import type { FieldDecl } from '../src/model/field.ts';
import { defineCollector } from '../src/plugin/collector.ts';

const component = (name: string, doc: string, example: string): FieldDecl => ({
  name,
  type: 'number',
  unit: 'none',
  optional: false,
  doc,
  source: "the host's clock, local time",
  example,
});

/** Date and time of day, for policies that differ between day and night. */
export const hostTime = defineCollector({
  name: 'host-time',
  scope: 'host',
  fields: [
    component('time_year', 'Year, four digits', '2026'),
    component('time_month', 'Month, 1 to 12', '12'),
    component('time_day', 'Day of the month, 1 to 31', '24'),
    component('time_hour', 'Hour, 0 to 23', '22'),
    component('time_minute', 'Minute, 0 to 59', '30'),
    component('time_second', 'Second, 0 to 59', '30'),
    component('time_microsecond', 'Microsecond, 0 to 999000: the clock is read to the millisecond', '500000'),
  ],
  create: ({ now }) => ({
    collect() {
      const time = new Date(now());
      return {
        time_year: time.getFullYear(),
        time_month: time.getMonth() + 1,
        time_day: time.getDate(),
        time_hour: time.getHours(),
        time_minute: time.getMinutes(),
        time_second: time.getSeconds(),
        time_microsecond: time.getMilliseconds() * 1000,
      };
    },
  }),
});
