import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { seriesIn } from '../../support/metrics.ts';
import { runningDaemon, sharedHost } from '../../support/running-daemon.ts';

const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-daemon-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

describe('a daemon with metrics', () => {
  it('shows what it did, to whom, and what its guards reckon with', async () => {
    const path = join(folder, 'metrics.sock');
    const host = await sharedHost(folder, [{ name: 'a', maximumKib: 2_097_152 }, { name: 'b' }]);
    const daemon = await runningDaemon(host, HALVE, { metrics: { listen: { kind: 'unix', path } } });
    await daemon.until('both are halved', () =>
      host.fake.all().every(({ currentKib, maximumKib }) => currentKib === maximumKib / 2),
    );
    let series: ReadonlyMap<string, number> = new Map();
    await daemon.until('the metrics show it', async () => {
      const [response] = await once(get({ socketPath: path, path: '/metrics', agent: false }), 'response');
      series = seriesIn(await text(response));
      return series.has('ballast_guest_target_bytes{domain="b"}');
    });
    const value = (name: string): number => series.get(name) ?? Number.NaN;
    expect(value('ballast_guest_target_bytes{domain="a"}')).toBe(2 ** 30);
    expect(value('ballast_guest_wanted_bytes{domain="a"}')).toBe(2 ** 30);
    expect(value('ballast_guest_floor_bytes{domain="a"}')).toBe(2 ** 29);
    expect(value('ballast_guest_stuck{domain="a"}')).toBe(0);
    expect(value('ballast_libvirt_connected')).toBe(1);
    expect(value('ballast_guests_running')).toBe(2);
    expect(value('ballast_guests_evaluated')).toBe(2);
    expect(value('ballast_writes_total{control="balloon_target",outcome="done"}')).toBe(2);
    expect(
      value('ballast_decisions_total{policy="test.policy",control="balloon_target",class="shrink"}'),
    ).toBeGreaterThanOrEqual(2);
    expect(value('ballast_libvirt_call_seconds_count{call="CONNECT_GET_ALL_DOMAIN_STATS"}')).toBeGreaterThan(0);
    expect(value('ballast_libvirt_call_seconds_count{call="DOMAIN_SET_MEMORY_FLAGS"}')).toBe(2);
    const spare =
      value('ballast_host_allocatable_bytes') -
      value('ballast_host_reserve_bytes') -
      value('ballast_host_granted_bytes') -
      value('ballast_host_reserved_bytes');
    expect(value('ballast_host_spare_bytes')).toBe(spare);
    host.fake.destroyGuest('b');
    await daemon.until('no series of the guest is left', async () => {
      const [response] = await once(get({ socketPath: path, path: '/metrics', agent: false }), 'response');
      return !(await text(response)).includes('domain="b"');
    });
    await daemon.leave();
    expect(daemon.messages()).toContain(`Metrics are at unix:${path}, path /metrics`);
  });
});

describe('clients of the metrics', () => {
  it('delay no interval, when there are 200 that ask and do not read', async () => {
    const path = join(folder, 'metrics.sock');
    const host = await sharedHost(folder, [{ name: 'a' }]);
    const daemon = await runningDaemon(host, HALVE, { metrics: { listen: { kind: 'unix', path } } });
    await daemon.until('the metrics are there', () =>
      daemon.messages().some((message) => message.startsWith('Metrics')),
    );
    const clients = Array.from({ length: 200 }, () => connect({ path }).on('error', () => undefined));
    onTestFinished(() => clients.forEach((client) => client.destroy()));
    for (const client of clients) client.write('GET /metrics HTTP/1.1\r\n\r\n'.repeat(50));
    const before = daemon.collectMs().length;
    await daemon.until('intervals go on', () => daemon.collectMs().length > before + 10);
    await daemon.leave();
  });
});
