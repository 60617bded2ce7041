import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingAnalysis } from '../../src/analysis/recording-analysis.ts';
import { Rows } from '../../src/export/rows.ts';
import { tablesOf } from '../../src/export/tables.ts';
import { builtinPlugins } from '../../src/compose/plugins.ts';
import { decodeInterval } from '../../src/recording/format.ts';
import { guestBuckets, reportPage } from '../../src/report/page.ts';
import { DAY_HEADER } from '../support/recorded-day.ts';

const HEADER = { ...DAY_HEADER, guest_props: [] };
const TABLES = tablesOf(builtinPlugins().vocabulary);

const number = fc.oneof(
  fc.constantFrom(0, -1, 1e-300, 1e308, -1e308, 2 ** 53, 4 * 1024 * 1024, 0.5),
  fc.integer({ min: 0, max: 1e8 }),
);
const value = fc.oneof({ weight: 6, arbitrary: number }, fc.constantFrom(null, true, 'running', ''));
const text = fc.oneof(
  fc.constantFrom('web-1', 'web-2', '', '<b>', '\u202e\n', 'balloon_target', 'done', 'held'),
  fc.string({ maxLength: 8 }),
);
const guest = fc.option(fc.record({ name: text, uuid: text }), { nil: null });
const scalar = fc.oneof(number, text, fc.constantFrom(null, true), fc.constant([1, ['a']]));
const action = fc.record({
  ...{ controller: text, control: text, guest, from: scalar, to: scalar, message: text },
  ...{ reason: fc.option(text, { nil: null }), position: fc.constantFrom(null, { file: '"', line: 1, column: 2 }) },
  notes: fc.oneof(fc.constant(null), fc.array(text, { maxLength: 3 })),
});
const line = fc.record({
  requests: fc.constant([]),
  errors: fc.array(fc.record({ message: text, guest }), { maxLength: 1 }),
  held: fc.array(
    fc.record({
      kind: fc.constantFrom('held', 'unchanged'),
      control: text,
      guest,
      wanted: scalar,
      why: text,
      guard: text,
    }),
    { maxLength: 2 },
  ),
  outcomes: fc.array(
    fc.record({
      action,
      status: fc.constantFrom('done', 'refused', 'held', 'x'),
      detail: fc.option(text, { nil: null }),
    }),
    { maxLength: 2 },
  ),
});
const row = (length: number) => fc.array(value, { minLength: length, maxLength: length });
const interval = fc.record(
  {
    t: fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom(8.64e15, -8.64e15, 0.5)),
    host: fc.option(row(HEADER.host_fields.length), { nil: null }),
    guests: fc.array(fc.tuple(text, text, fc.constant([]), row(HEADER.guest_fields.length)), { maxLength: 3 }),
    policy: line,
    relief: line,
    problems: fc.array(fc.record({ collector: fc.constantFrom('hypervisor', 'x'), guest, message: text }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: ['t', 'host', 'guests'] },
);
const intervals = fc
  .array(interval, { minLength: 1, maxLength: 12 })
  .map((all) => all.map((each) => decodeInterval(JSON.stringify(each), HEADER)));

describe('a recording with anything in it', () => {
  it('has a page without figures that are none', () => {
    fc.assert(
      fc.property(intervals, (all) => {
        const analysis = new RecordingAnalysis({ guestBuckets });
        analysis.begin(HEADER);
        for (const each of all) analysis.add(each);
        const page = reportPage(analysis.result()!, {
          sources: [''],
          warnings: [],
          version: '1',
          simulated: null,
          sha256: () => '',
        });
        expect(page.replace(/<script>[^]*<\/script>/, '')).not.toMatch(/NaN|undefined|Infinity|\[object/);
        expect(page).not.toContain('<b>');
        expect(page.length).toBeLessThan(500_000);
      }),
      { numRuns: 150 },
    );
  });

  it('has rows of the types of its columns', () => {
    const types = { DOUBLE: 'number', BOOLEAN: 'boolean', STRING: 'string', TIMESTAMP: 'object' } as const;
    fc.assert(
      fc.property(intervals, (all) => {
        let statistics = 0;
        const rows = new Rows(HEADER, TABLES, (table, _timeMs, cells) => {
          if (table === 'host') statistics += 1;
          expect(cells).toHaveLength(TABLES[table].length);
          cells.forEach((cell, at) => {
            if (cell !== null) expect(typeof cell).toBe(types[TABLES[table][at]!.type]);
          });
        });
        for (const each of all) rows.add(each);
        rows.end();
        expect(statistics).toBe(all.length);
      }),
      { numRuns: 150 },
    );
  });
});
