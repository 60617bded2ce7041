import { describe, expect, it } from 'vitest';
import { headerOf } from '../../../src/cli/top/header.ts';
import { statusOf } from '../../../src/control/views/status.ts';
import { layoutOf } from '../../../src/model/field.ts';
import { snapshot } from '../../support/builders.ts';
import { METRIC_LAYOUTS, metricsReport } from '../../support/metrics.ts';

/** The status after an interval in which ksmd took so many percent of a CPU; null: unknown. */
function statusWith(ksmdPercent: number | null) {
  const report = metricsReport({ snapshot: snapshot(1_800_000_000_000, [], [1, ksmdPercent]) });
  return statusOf({
    ...{ version: '1.2.3', pid: 1, startedMs: 0, nowMonotonicMs: 0, startedMonotonicMs: 0, dryRun: false },
    ...{ recordsOnly: false, libvirt: { uri: 'qemu:///system', connected: true }, policies: [], pauses: [] },
    ...{ collectIntervalMs: 5000, policyIntervalMs: 10_000, counts: { intervals: 1, evaluations: 1 } },
    layouts: { ...METRIC_LAYOUTS, host: layoutOf(['ksm_run', 'ksmd_cpu_usage']) },
    last: { report, endedMs: 0 },
    ...{ shadow: null, stopped: null, recording: null, troubles: [] },
  });
}

describe('the status of KSM', () => {
  it.each([
    [46, 0.46, '46 %'],
    [0, 0, '0 %'],
    [null, null, '?'],
  ])('has the share of a CPU that ksmd takes as a ratio: %s %%', (percent, share, shown) => {
    const status = statusWith(percent);
    expect(status.ksm?.cpu).toBe(share);
    const header = headerOf(
      { status, guests: { time: null, unread: null, guests: [] }, answeredMs: 0, trouble: null },
      0,
    );
    expect(header.map(({ text }) => text).join('\n')).toContain(`ksmd ${shown} of a CPU`);
  });
});
