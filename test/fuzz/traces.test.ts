import fc from 'fast-check';
import { describe, it } from 'vitest';
import { NoDemandError } from '../../src/simulation/import/fitted.ts';
import { MomFit, MomTimes } from '../../src/simulation/import/mom/fit.ts';
import { RecordingFit } from '../../src/simulation/import/recording/fit.ts';
import { fitTraces } from '../../src/simulation/import/trace/fit.ts';
import { readerOf, traceFormat } from '../../src/simulation/import/trace/format.ts';
import { Traces } from '../../src/simulation/import/trace/traces.ts';
import { parseScenario } from '../../src/simulation/scenario/load.ts';
import { scenarioText } from '../../src/simulation/scenario/write.ts';

// No text makes a reader of traces throw anything but the error that operators are shown, and what comes out is a valid scenario.

const HEADERS = [
  'time,guest,memory_kib,used_kib,cache_kib,swap_kib,min_kib',
  'Timestamp [ms];\tMemory capacity provisioned [KB];\tMemory usage [KB]',
  'timestamp,msname,msinstanceid,nodeid,cpu_utilization,memory_utilization',
  'container_id,machine_id,time_stamp,cpu_util_percent,mem_util_percent',
  '# time\t balloon_cur\t balloon_max\t mem_available\t mem_unused\t swap_in\t swap_out\t minor_fault\t uptime',
];

const number = fc.oneof(
  fc.nat(),
  fc.double(),
  fc.constantFrom(
    '1767571200',
    '4194304',
    '2097152.5',
    '1e9',
    '1e400',
    '-1',
    '0',
    '',
    'None',
    'NaN',
    '2026-01-05T00:00:00Z',
    '"1"',
  ),
);

const line = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HEADERS),
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 5, arbitrary: number }, fc.string()), { maxLength: 10 }),
      fc.constantFrom(',', ';\t', '\t'),
    )
    .map(([fields, separator]) => fields.join(separator)),
);

const text = fc
  .tuple(fc.constantFrom(...HEADERS), fc.array(line, { maxLength: 20 }))
  .map(([header, lines]) => [header, ...lines]);

function known(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof NoDemandError)) throw error;
  }
}

function mustBeValid(scenario: Parameters<typeof scenarioText>[0]): void {
  const parsed = parseScenario('a.yaml', scenarioText(scenario));
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
}

describe('traces', () => {
  it('of any text', () => {
    fc.assert(
      fc.property(text, (lines) =>
        known(() => {
          const format = traceFormat(lines[0]!);
          if (format === null || format === 'mom') return;
          const traces = new Traces();
          const reader = readerOf(format, { file: 'a', name: 'a', traces, guestMemoryKib: 4_194_304 });
          // A row that cannot be read ends a file; the next one begins another.
          for (const [at, each] of lines.entries()) known(() => reader.line(each, at + 1));
          mustBeValid(
            fitTraces(traces, { path: 'a', name: 'a', memoryKib: null, addsBursts: true, range: null }).scenario,
          );
        }),
      ),
    );
  });

  it('of MOM, of any text', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('Host', 'vm'), (lines, name) =>
        known(() => {
          const times = new MomTimes();
          const timed = times.reader('a');
          for (const [at, each] of lines.entries()) known(() => timed(each, at + 1));
          if (times.firstMs > times.lastMs) return;
          const fit = new MomFit('a', { fromMs: times.firstMs, toMs: Infinity });
          const read = fit.reader('a', name);
          for (const [at, each] of lines.entries()) known(() => read(each, at + 1));
          mustBeValid(fit.result('a', null).scenario);
        }),
      ),
    );
  });

  it('of a recording with any values', () => {
    const hostFields = [
      'mem_available',
      'mem_unused',
      'mem_free',
      'swap_total',
      'ksm_run',
      'ksm_pages_to_scan',
      'zfs_arc_min',
      'zfs_arc_max',
      'guests_rss',
    ];
    const guestFields = [
      ...[
        'balloon_cur',
        'balloon_max',
        'balloon_min',
        'mem_available',
        'mem_unused',
        'disk_caches',
        'swap_in',
        'swap_out',
      ],
      ...[
        'minor_fault',
        'major_fault',
        'last_update',
        'stats_age',
        'uptime',
        'balloon_rss',
        'ksm_merging_pages',
        'swap_total',
        'job',
      ],
    ];
    const value = fc.oneof(
      fc.constantFrom(null, 'migration_out', true, 0, 4_194_304, 2_097_152, 1e13, 1e18, -1, 1_767_571_200, 0.5),
      fc.nat(10_000_000),
      fc.double(),
    );
    const row = (fields: readonly string[]) => fc.tuple(...fields.map(() => value)).map((values) => [...values]);
    const guest = fc.record({
      name: fc.string(),
      uuid: fc.constantFrom('a', 'b'),
      props: fc.constant({}),
      sample: row(guestFields),
    });
    const interval = fc.record({
      timeMs: fc.nat(100_000_000),
      host: fc.option(row(hostFields), { nil: null }),
      guests: fc.array(guest, { maxLength: 3 }),
      problems: fc.constant([]),
    });
    const header = {
      ...{ ballast_recording: 1 as const, started: '2026-01-05T00:00:00Z', host_props: { name: '\u0000\n"' } },
      ...{
        collect_interval_ms: 5000,
        policy_interval_ms: null,
        history: 10,
        host_fields: hostFields,
        guest_fields: guestFields,
      },
      ...{ guest_props: [], memory: { host: {}, guests: {} } },
    };
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (intervals) =>
        known(() => {
          const fit = new RecordingFit('a');
          fit.begin(header);
          const inOrder = intervals.toSorted((a, b) => a.timeMs - b.timeMs);
          for (const snapshot of inOrder) fit.add({ snapshot, context: false, policy: null });
          mustBeValid(fit.result('a').scenario);
        }),
      ),
      { numRuns: 300 },
    );
  });
});
