import type { DaemonState } from '../../src/metrics/gauges.ts';
import { gaugesOf } from '../../src/metrics/gauges.ts';
import { MetricsRegistry } from '../../src/metrics/registry.ts';
import type { IntervalReport } from '../../src/model/interval-report.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { layoutOf } from '../../src/model/field.ts';
import { snapshot } from './builders.ts';

export const METRIC_LAYOUTS = {
  host: layoutOf([
    ...['mem_allocatable', 'mem_ordinary', 'guests_memory_max', 'overcommit_ratio', 'guests_running'],
    ...['ksm_saved', 'ksm_general_profit', 'ksmd_cpu_usage'],
  ]),
  guest: layoutOf([
    'balloon_cur',
    'balloon_stuck',
    'figures_doubted',
    'memory_not_returned',
    'pain_age',
    'balloon_max',
  ]),
};

export function metricsReport(changes: Partial<IntervalReport> = {}): IntervalReport {
  return {
    snapshot: snapshot(1_800_000_000_000, [], null),
    input: null,
    judgement: null,
    outcomes: [],
    memoryBefore: EMPTY_MEMORY,
    conditions: () => [],
    overrides: [],
    took: { collectMs: 20, decideMs: 3, applyMs: 1 },
    ...changes,
  };
}

export function daemonState(changes: Partial<DaemonState> = {}): DaemonState {
  return {
    layouts: METRIC_LAYOUTS,
    build: { version: '1.2.3', node: 'v20.19.0' },
    policies: [{ policy: '/etc/ballast/a.policy', sha256: '0123456789ab' }],
    dryRun: false,
    collectIntervalMs: 5000,
    policyIntervalMs: 10_000,
    connected: true,
    recordingFails: false,
    shadow: null,
    last: null,
    lastEvaluated: null,
    ...changes,
  };
}

/** The series of a page by name with labels; without comments. */
export function seriesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** The gauges of a state as they are rendered. */
export async function renderedGauges(state: DaemonState): Promise<ReadonlyMap<string, number>> {
  return seriesIn(await new MetricsRegistry().render(gaugesOf(state)));
}
