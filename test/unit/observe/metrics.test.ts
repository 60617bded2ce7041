import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import type { Config } from '../../../src/config/model.ts';
import { MetricsObserver } from '../../../src/observe/metrics.ts';
import { capturedLog } from '../../support/captured-log.ts';
import { eventually } from '../../support/eventually.ts';
import { METRIC_LAYOUTS, metricsReport, seriesIn } from '../../support/metrics.ts';
import { guestSnapshot, snapshot } from '../../support/builders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-metrics-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (path: string | null): Config => ({
  ...defaultConfig(),
  metrics: { listen: path === null ? null : { kind: 'unix', path } },
});

function observer(path: string | null) {
  const log = capturedLog();
  const options = { layouts: METRIC_LAYOUTS, build: { version: '1', node: 'v20' }, policies: [] };
  const metrics = new MetricsObserver(at(path), options, log.of('metrics'));
  onTestFinished(() => metrics.close());
  return { metrics, messages: log.messages };
}

async function read(socketPath: string): Promise<ReadonlyMap<string, number>> {
  const [response] = await once(get({ socketPath, path: '/metrics', agent: false }), 'response');
  return seriesIn(await text(response));
}

const scraped = (path: string): Promise<ReadonlyMap<string, number>> => eventually(() => read(path));

describe('the metrics of a daemon', () => {
  it('can be read before the first interval, and count all since the start', async () => {
    const path = join(folder, 'a.sock');
    const { metrics, messages } = observer(path);
    expect((await scraped(path)).get('ballast_intervals_total')).toBe(0);
    expect(messages()).toEqual([`Metrics are at unix:${path}, path /metrics`]);
    metrics.observe(metricsReport());
    metrics.observe(metricsReport());
    metrics.skipped(3);
    metrics.hypervisorEvent({ kind: 'connected', uri: 'qemu:///system' });
    metrics.hypervisorEvent({ kind: 'call', call: 'DOMAIN_GET_STATE', tookMs: 2, outcome: 'done' });
    metrics.hypervisorEvent({ kind: 'call', call: 'DOMAIN_GET_STATE', tookMs: 5000, outcome: 'timeout' });
    metrics.recordingEvent({ kind: 'failed', path: 'x', error: new Error('full') });
    metrics.recordingEvent({ kind: 'opened', path: 'x' });
    expect((await read(path)).get('ballast_recording_failing')).toBe(1);
    metrics.recordingEvent({ kind: 'resumed', path: 'x', lost: 7 });
    // Calls alone do not make a new page: the other events did.
    const series = await read(path);
    const some = Object.fromEntries([...series].filter(([name]) => SOME.test(name)));
    expect(some).toEqual({
      ballast_intervals_total: 2,
      ballast_intervals_skipped_total: 3,
      ballast_interval_seconds_sum: 0.048,
      ballast_interval_seconds_count: 2,
      ballast_libvirt_connected: 1,
      'ballast_libvirt_call_seconds_count{call="DOMAIN_GET_STATE"}': 2,
      'ballast_libvirt_call_failures_total{call="DOMAIN_GET_STATE",outcome="timeout"}': 1,
      ballast_recording_failing: 0,
      ballast_recording_failures_total: 1,
      ballast_recording_lost_intervals_total: 7,
    });
    metrics.hypervisorEvent({ kind: 'disconnected', reason: 'x', retryInMs: 1 });
    expect((await read(path)).get('ballast_libvirt_connected')).toBe(0);
  });

  it('forget guests that are gone', async () => {
    const path = join(folder, 'a.sock');
    const { metrics } = observer(path);
    metrics.observe(metricsReport({ snapshot: snapshot(0, [guestSnapshot(1, [1]), guestSnapshot(2, [1])], []) }));
    expect([...(await scraped(path)).keys()].filter((name) => name.includes('guest-2'))).not.toEqual([]);
    metrics.observe(metricsReport({ snapshot: snapshot(1, [guestSnapshot(1, [1])], []) }));
    expect([...(await read(path)).keys()].filter((name) => name.includes('guest-2'))).toEqual([]);
  });

  it('are rendered once for any number of clients, however slowly they come', async () => {
    const path = join(folder, 'a.sock');
    const { metrics } = observer(path);
    let asked = 0;
    const figures = () => {
      asked += 1;
      return { host: {}, guests: new Map() };
    };
    await scraped(path);
    for (let turn = 1; turn <= 3; turn++) {
      metrics.observe(metricsReport({ figures }));
      await Promise.all(Array.from({ length: 20 }, () => read(path)));
      expect(asked).toBe(turn);
    }
    metrics.observe(metricsReport({ figures }));
    metrics.observe(metricsReport({ figures }));
    expect(asked).toBe(3);
  });

  it('log a defect, and go on', async () => {
    const path = join(folder, 'a.sock');
    const { metrics, messages } = observer(path);
    await scraped(path);
    metrics.observe(
      metricsReport({
        figures: () => {
          throw new TypeError('no figure');
        },
      }),
    );
    expect([...(await read(path)).keys()].join()).toContain('internal error; the log of Ballast');
    expect(messages().at(-1)).toBe('A defect in the metrics, please report it: no figure; the daemon continues');
    metrics.observe(metricsReport());
    expect((await read(path)).get('ballast_intervals_total')).toBe(2);
  });

  it('move with the config, and are gone without an address', async () => {
    const [one, other] = [join(folder, 'a.sock'), join(folder, 'b.sock')];
    const { metrics } = observer(null);
    await metrics.reconfigure(at(one), 1, [{ file: 'a.policy', text: '' }]);
    expect([...(await read(one)).keys()]).toContain('ballast_policy_info{policy="a.policy",sha256="e3b0c44298fc"}');
    await Promise.all([metrics.reconfigure(at(null), 1, []), metrics.reconfigure(at(other), 1, [])]);
    expect((await read(other)).has('ballast_dry_run')).toBe(true);
    await expect(stat(one)).rejects.toThrow('ENOENT');
    await metrics.reconfigure(at(null), 1, []);
    await expect(stat(other)).rejects.toThrow('ENOENT');
  });

  it('try an address that is taken with each interval, and say so once', async () => {
    const path = join(folder, 'a.sock');
    const other = createServer().listen(path);
    await once(other, 'listening');
    const { metrics, messages } = observer(path);
    for (let turn = 0; turn < 3; turn++) metrics.observe(metricsReport());
    await eventually(() => expect(messages()).toHaveLength(1));
    metrics.observe(metricsReport());
    expect(messages()[0]).toBe(
      `No metrics: ${path} belongs to another process that still runs; trying again with each interval, the daemon continues`,
    );
    other.close();
    await once(other, 'close');
    await eventually(() => {
      metrics.observe(metricsReport());
      expect(messages()[1]).toBe(`Metrics are at unix:${path}, path /metrics`);
    });
  });
});

const SOME =
  /^ballast_(intervals|interval_seconds_[sc]|libvirt_connected|libvirt_call_(seconds_count|failures)|recording)/;
